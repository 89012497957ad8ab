using System.Globalization;
using Grpc.Core;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>The promise of the whole service: what was acknowledged survives kill -9, at whatever moment.</summary>
[TestClass]
public sealed class CrashTests
{
    // SUTRA_TEST_KILLS asks for more: 500 take some 15 minutes.
    private static readonly int s_kills = int.Parse(Environment.GetEnvironmentVariable("SUTRA_TEST_KILLS") ?? "22", CultureInfo.InvariantCulture);

    private const int Clients = 8;
    private const int LearnsOfAClient = 25;

    // Small: some of the kills hit a rotation, a checkpoint or a merge.
    private static readonly (string, string)[] s_settings = [("Storage__SegmentBytes", "65536"), ("Storage__MemoryRows", "48"), ("Storage__FlatSegments", "2")];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task No_acknowledged_learn_is_lost_and_no_acknowledged_delete_undone_however_often_it_is_killed()
    {
        using var folder = new TemporaryFolder();
        var service = new StorageProcess(folder.File("data"));
        var clients = Enumerable.Range(0, Clients).Select(number => new Client(number)).ToList();
        var random = new Random(4711);
        var torn = 0;
        for (var life = 0; life < s_kills; life++)
        {
            await using var process = await service.StartReadyAsync(s_settings);
            using var storage = StorageClient.To(service.GrpcPort);
            await Task.WhenAll(clients.Select(client => client.VerifyRecentAsync(storage)));
            torn += process.Output.Contains("interrupted write") ? 1 : 0;

            var answers = 0;
            var killAfter = random.Next(1, Clients * LearnsOfAClient);
            var spin = random.Next(2000);
            var now = life;
            await Task.WhenAll(clients.Select(client => client.LearnAsync(storage, now, new Random(now * 100 + client.Number), () =>
            {
                if (Interlocked.Increment(ref answers) == killAfter)
                {
                    Thread.SpinWait(spin);
                    process.Kill();
                }
            })));
            Assert.IsTrue(process.Process.HasExited, "the kill came before the work was done");
        }

        await using var last = await service.StartReadyAsync(s_settings);
        using var reader = StorageClient.To(service.GrpcPort);
        await Task.WhenAll(clients.Select(client => client.VerifyAllAsync(reader)));
        using var administrator = StorageClient.To(service.GrpcPort, Permissions.Admin);
        Assert.IsEmpty((await administrator.VerifyAsync()).Faults);
        var learned = clients.Sum(client => client.Acknowledged);
        var statistics = await reader.GetStatisticsAsync();
        Assert.IsGreaterThan(0, statistics.Segments, "there were checkpoints");
        TestContext.WriteLine($"{s_kills} kills, {learned} acknowledged changes, {torn} torn tails cut, {statistics.Concepts} concepts left, {statistics.Segments} segments");
        Assert.IsGreaterThan(s_kills * 20, learned);
    }

    /// <summary>One client with contents of its own, so that it knows what must be there, and what may be after an unanswered call.</summary>
    private sealed class Client(int number)
    {
        private readonly Dictionary<string, List<LearnRequest?>> _allowed = [];
        private readonly List<string> _recent = [];

        public int Number { get; } = number;

        public int Acknowledged { get; private set; }

        public async Task LearnAsync(StorageClient storage, int life, Random random, Action onAnswer)
        {
            _recent.Clear();
            try
            {
                for (var i = 0; i < LearnsOfAClient; i++)
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
}
