using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Grpc;

/// <summary>Many concepts in one call, concepts replaced by their id, and what metadata there is, over gRPC.</summary>
[TestClass]
public sealed class LearnManyServiceTests
{
    private readonly StorageService _service = new(new SimulatedDisk());
    private readonly StorageClient _client;

    public LearnManyServiceTests() => _client = Client(Permissions.Read, Permissions.Write);

    [TestCleanup]
    public void CleanUp()
    {
        _client.Dispose();
        _service.Dispose();
    }

    [TestMethod]
    public async Task Each_of_many_has_its_own_outcome_in_the_order_of_the_request()
    {
        var known = await _client.LearnAsync(StorageClient.Request("known"));
        var badTarget = StorageClient.Request("secret");
        badTarget.Associations.Add(new Association { TargetId = "nowhere", Type = "t", Weight = 1 });
        var unknown = StorageClient.Request("secret");
        unknown.Id = "00000000000000ff";
        var badId = StorageClient.Request("secret");
        badId.Id = "xyz";
        var taken = StorageClient.Request("new");
        taken.Id = known.Id;

        var answer = await _client.LearnManyAsync(
            StorageClient.Request("new"), badTarget, StorageClient.Request(""), StorageClient.Request("secret", 1, 2), unknown, badId, taken, StorageClient.Request("known", 3, 2, 1));

        CollectionAssert.AreEqual(
            new[] { "", "associations.target_id", "content", "embedding", "id", "id", "content", "" }, answer.Outcomes.Select(outcome => outcome.Field).ToArray());
        Assert.IsTrue(answer.Outcomes[0].Created);
        Assert.AreEqual(new LearnOutcome { Id = known.Id }, answer.Outcomes[7]);
        Assert.IsTrue(answer.Outcomes.Skip(1).Take(6).All(outcome => outcome.Id.Length == 0 && outcome.Error.Length > 0 && !outcome.Retryable));
        Assert.DoesNotContain("secret", answer.ToString());
        Assert.AreEqual("new", (await _client.GetAsync(answer.Outcomes[0].Id)).Content);
        Assert.AreEqual(3f, (await _client.GetAsync(known.Id)).Embedding[0]);
        Assert.AreEqual(2, (await _client.GetStatisticsAsync()).Concepts);
    }

    [TestMethod]
    public async Task Too_many_too_large_or_none_are_refused_and_all_of_it_needs_the_write_permission()
    {
        await AssertStatusAsync(StatusCode.InvalidArgument, "concepts: ", () => _client.LearnManyAsync());
        await AssertStatusAsync(StatusCode.InvalidArgument, "concepts: ", () => _client.LearnManyAsync(Enumerable.Range(0, 1025).Select(i => StorageClient.Request($"{i}"))));
        var large = Enumerable.Range(0, 17).Select(i => StorageClient.Request($"{i}".PadRight(1024 * 1024, 'x'))).ToList();
        await AssertStatusAsync(StatusCode.ResourceExhausted, "", () => _client.LearnManyAsync(large));
        Assert.AreEqual(0, (await _client.GetStatisticsAsync()).Concepts);
        Assert.IsTrue((await _client.LearnManyAsync(large.Take(15))).Outcomes.All(outcome => outcome.Created));
        using var reader = Client(Permissions.Read);
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => reader.LearnManyAsync(StorageClient.Request("no")));
    }

    [TestMethod]
    public async Task A_concept_is_replaced_by_its_id()
    {
        var id = (await _client.LearnAsync(StorageClient.Request("old"))).Id;
        var request = StorageClient.Request("new");
        request.Id = id;

        Assert.AreEqual(new LearnResponse { Id = id }, await _client.LearnAsync(request));

        Assert.AreEqual("new", (await _client.GetAsync(id)).Content);
        Assert.AreEqual(new LearnResponse { Id = id }, await _client.LearnAsync(StorageClient.Request("new")), "and known by its content");
        var again = await _client.LearnAsync(StorageClient.Request("old"));
        Assert.IsTrue(again.Created && again.Id != id);
        request.Id = again.Id;
        await AssertStatusAsync(StatusCode.AlreadyExists, "", () => _client.LearnAsync(request));
        await AssertStatusAsync(StatusCode.NotFound, "", () => _client.LearnAsync(new LearnRequest(StorageClient.Request("newer")) { Id = "00000000000000ff" }));
        await AssertStatusAsync(StatusCode.InvalidArgument, "id: ", () => _client.LearnAsync(new LearnRequest(StorageClient.Request("newer")) { Id = "xyz" }));
    }

    [TestMethod]
    public async Task What_metadata_there_is_can_be_asked()
    {
        for (var i = 0; i < 4; i++)
        {
            var request = StorageClient.Request($"text {i}");
            request.Metadata.Add("price", $"{i}.5");
            request.Metadata.Add("day", $"1970-01-0{i + 1}");
            if (i < 2)
            {
                request.Metadata.Add("source", $"s{i}");
            }

            await _client.LearnAsync(request);
        }

        var fields = (await _client.FieldsAsync(3)).Fields;

        CollectionAssert.AreEqual(
            new[]
            {
                new FieldInfo { Name = "day", Concepts = 4, Distinct = 4, Times = 4, MaxTime = 3 * 86_400_000 },
                new FieldInfo { Name = "price", Concepts = 4, Distinct = 4, Numbers = 4, MinNumber = 0.5, MaxNumber = 3.5 },
                new FieldInfo { Name = "source", Concepts = 2, Distinct = 2, Values = { "s0", "s1" } },
            },
            fields.ToArray());
        Assert.HasCount(4, (await _client.FieldsAsync()).Fields[0].Values);
        await AssertStatusAsync(StatusCode.InvalidArgument, "max_values: ", () => _client.FieldsAsync(-1));
        await AssertStatusAsync(StatusCode.InvalidArgument, "max_values: ", () => _client.FieldsAsync(10_001));
        using var writer = Client(Permissions.Write);
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => writer.FieldsAsync());
    }

    private static async Task AssertStatusAsync(StatusCode expected, string detail, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.AreEqual(expected, error.StatusCode, error.Status.Detail);
        Assert.Contains(detail, error.Status.Detail);
    }

    private StorageClient Client(params string[] scopes) =>
        new(GrpcChannel.ForAddress(_service.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _service.Server.CreateHandler(), MaxReceiveMessageSize = null }), scopes);
}
