using Grpc.Core;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>One client with contents of its own, so that it knows what must be there, and what may be after an unanswered call.</summary>
internal sealed class CrashClient(int number)
{
    /// <summary>Of a client in one life, at most.</summary>
    public const int Learns = 25;

    private readonly Dictionary<string, List<LearnRequest?>> _allowed = [];
    private readonly List<string> _recent = [];

    public int Number { get; } = number;

    public int Acknowledged { get; private set; }

    public async Task LearnAsync(StorageClient storage, int life, Random random, Action onAnswer)
    {
        _recent.Clear();
        try
        {
            for (var i = 0; i < Learns; i++)
            {
                var request = Request(life, i, random);
                var id = Id(request.Content);
                await ChangeAsync(id, request, () => storage.LearnAsync(request));
                onAnswer();
                if (random.Next(5) == 0)
                {
                    await ChangeAsync(id, null, () => storage.DeleteAsync(id));
                    onAnswer();
                }
            }
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown)
        {
            // The kill. The call under way may have counted or not.
        }
    }

    public Task VerifyRecentAsync(StorageClient storage) => VerifyAsync(storage, [.. _recent]);

    public Task VerifyAllAsync(StorageClient storage) => VerifyAsync(storage, [.. _allowed.Keys]);

    private async Task ChangeAsync(string id, LearnRequest? becomes, Func<Task> change)
    {
        var before = _allowed.GetValueOrDefault(id) ?? [null];
        _recent.Add(id);
        _allowed[id] = [.. before, becomes];
        await change();
        _allowed[id] = [becomes];
        Acknowledged++;
    }

    private async Task VerifyAsync(StorageClient storage, string[] ids)
    {
        foreach (var id in ids)
        {
            var found = await storage.FindAsync(id);
            var allowed = _allowed[id];
            var match = allowed.FindIndex(request => found is null ? request is null : request is not null && IsSame(request, found));
            Assert.IsGreaterThanOrEqualTo(0, match, $"concept {id} is {(found is null ? "gone" : "there, but not as acknowledged")}");
            _allowed[id] = [allowed[match]];
        }
    }

    private LearnRequest Request(int life, int i, Random random)
    {
        // Some contents come back in later lives: replaced, deleted, learned again.
        var content = i % 5 == 0 ? $"client {Number}, shared text {i}" : $"client {Number}, life {life}, text {i} " + new string('x', random.Next(1500));
        var request = StorageClient.Request(content, [.. Enumerable.Range(0, 64).Select(_ => (float)random.NextDouble() - 0.5f)]);
        request.Metadata.Add("life", $"{life}");
        request.Owner = i % 3 == 0 ? $"owner {i} of {Number}, {life}" : "";
        request.Associations.Add(new Association { TargetId = $"{random.NextInt64():x16}", Type = "next", Weight = (float)random.NextDouble() });
        return request;
    }

    private static string Id(string content) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)))[..16];

    private static bool IsSame(LearnRequest request, Concept concept)
    {
        try
        {
            StorageClient.AssertSame(request, concept);
            return true;
        }
        catch (AssertFailedException)
        {
            return false;
        }
    }
}
