using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Grpc;

[TestClass]
public sealed class ConceptStoreServiceTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly StorageService _service;
    private readonly StorageClient _client;

    public ConceptStoreServiceTests()
    {
        _service = new StorageService(_disk);
        _client = Client(Permissions.Read, Permissions.Write);
    }

    [TestCleanup]
    public void CleanUp()
    {
        _client.Dispose();
        _service.Dispose();
    }

    [TestMethod]
    public async Task A_concept_is_learned_read_found_and_deleted()
    {
        var request = StorageClient.Request("The lake is deep.", 0.5f, -0.25f, 1e-30f);
        request.Metadata.Add("source", "diary");
        request.Associations.Add(new Association { TargetId = "00000000000000ff", Type = "mentions", Weight = 0.5f });

        var learned = await _client.LearnAsync(request);
        Assert.IsTrue(learned.Created);
        Assert.IsFalse((await _client.LearnAsync(request)).Created);
        var concept = await _client.GetAsync(learned.Id);
        Assert.AreEqual(learned.Id, concept.Id);
        StorageClient.AssertSame(request, concept);

        var hit = (await _client.SearchAsync(Question(10, 0.5f, -0.25f, 0))).Hits.Single();
        Assert.AreEqual(learned.Id, hit.Concept.Id);
        Assert.AreEqual("The lake is deep.", hit.Concept.Content);
        Assert.AreEqual("diary", hit.Concept.Metadata["source"]);
        Assert.IsEmpty(hit.Concept.Embedding, "hits come without their embedding");
        Assert.AreEqual(1f, hit.Score, 1e-5f);

        await _client.DeleteAsync(learned.Id);
        await AssertStatusAsync(StatusCode.NotFound, "no concept", () => _client.GetAsync(learned.Id));
        await AssertStatusAsync(StatusCode.NotFound, "no concept", () => _client.DeleteAsync(learned.Id));
        Assert.IsEmpty((await _client.SearchAsync(Question(10, 0.5f, -0.25f, 0))).Hits);
    }

    [TestMethod]
    public async Task With_text_words_count_too_and_each_hit_says_what_each_leg_says()
    {
        var deep = await _client.LearnAsync(StorageClient.Request("The lake is deep.", 1, 0, 0));
        var high = await _client.LearnAsync(StorageClient.Request("The mountain is high.", 0, 1, 0));
        var question = Question(10, 1, 0, 0);
        question.Text = "mountains";
        question.Hybrid = new HybridOptions { VectorWeight = 0.5f };

        var hits = (await _client.SearchAsync(question)).Hits;

        CollectionAssert.AreEqual(new[] { high.Id, deep.Id }, hits.Select(hit => hit.Concept.Id).ToArray());
        Assert.AreEqual((1, 2), (hits[0].Text.Rank, hits[0].Vector.Rank));
        Assert.AreEqual((0, 1), (hits[1].Text.Rank, hits[1].Vector.Rank));
        Assert.AreEqual(0.5f, hits[1].Score, 1e-5f);
        question.Embedding.Clear();
        Assert.AreEqual(high.Id, (await _client.SearchAsync(question)).Hits.Single().Concept.Id);
        question.Hybrid.Fusion = (Fusion)9;
        await AssertStatusAsync(StatusCode.InvalidArgument, "hybrid.fusion: ", () => _client.SearchAsync(question));
    }

    [TestMethod]
    public async Task What_a_concept_is_associated_with_is_found_with_its_path_alone_and_in_a_search()
    {
        var cited = await _client.LearnAsync(StorageClient.Request("The report of Ada Lovelace.", 0, 0, 1));
        var request = StorageClient.Request("A paper that cites it.", 1, 0, 0);
        request.Associations.Add(new Association { TargetId = cited.Id, Type = "cites", Weight = 0.5f });
        var citing = await _client.LearnAsync(request);
        var other = await _client.LearnAsync(StorageClient.Request("She met Ada Lovelace.", 0, 1, 0));

        var related = await _client.RelatedAsync(new RelatedRequest { Id = cited.Id, Traversal = new Traversal { Decay = 1, MinScore = 0.2f } });

        Assert.IsFalse(related.Incomplete);
        CollectionAssert.AreEquivalent(new[] { citing.Id, other.Id }, related.Concepts.Select(concept => concept.Concept.Id).ToArray());
        var link = related.Concepts.Single(concept => concept.Concept.Id == citing.Id);
        Assert.AreEqual(0.5f, link.Score);
        Assert.AreEqual(new AssociationStep { FromId = cited.Id, Kind = AssociationKind.Link, Label = "cites", Incoming = true, Weight = 0.5f }, link.Path.Single());
        Assert.AreEqual("ada lovelace", related.Concepts.Single(concept => concept.Concept.Id == other.Id).Path.Single().Label);
        var links = new RelatedRequest { Id = cited.Id, Traversal = new Traversal { Kinds = { AssociationKind.Link }, LinkTypes = { "mentions" } } };
        Assert.IsEmpty((await _client.RelatedAsync(links)).Concepts);

        var question = Question(2, 1, 0, 0);
        question.Expand = new Expansion { Weight = 1, Traversal = new Traversal { Decay = 1, Kinds = { AssociationKind.Link } } };
        var hits = (await _client.SearchAsync(question)).Hits;
        CollectionAssert.AreEqual(new[] { citing.Id, cited.Id }, hits.Select(hit => hit.Concept.Id).ToArray());
        Assert.AreEqual((1f, 0), (hits[0].Score, hits[0].Graph.Rank));
        Assert.AreEqual((0.5f, 1, citing.Id), (hits[1].Graph.Score, hits[1].Graph.Rank, hits[1].Path.Single().FromId));
        Assert.IsFalse((await _client.SearchAsync(question)).Incomplete);
        question.Expand.Traversal.Edges = 1;
        Assert.IsTrue((await _client.SearchAsync(question)).Incomplete);
        var statistics = await _client.GetStatisticsAsync();
        Assert.AreEqual((2L, 1L), (statistics.Entities, statistics.Links));
        await AssertStatusAsync(StatusCode.NotFound, "no concept", () => _client.RelatedAsync(new RelatedRequest { Id = "00000000000000ff" }));
        await AssertStatusAsync(StatusCode.InvalidArgument, "id: ", () => _client.RelatedAsync(new RelatedRequest { Id = "x" }));
        links.Traversal.Depth = 9;
        await AssertStatusAsync(StatusCode.InvalidArgument, "traversal.depth: ", () => _client.RelatedAsync(links));
        using var writer = Client(Permissions.Write);
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => writer.RelatedAsync(new RelatedRequest { Id = cited.Id }));
    }

    [TestMethod]
    public async Task Bad_input_is_an_invalid_argument_that_names_its_field_and_repeats_no_text()
    {
        await _client.LearnAsync(StorageClient.Request("first", 1, 2, 3));
        var badTarget = StorageClient.Request("secret");
        badTarget.Associations.Add(new Association { TargetId = "nowhere", Type = "t", Weight = 1 });
        var manyPairs = StorageClient.Request("secret");
        for (var i = 0; i < 65; i++)
        {
            manyPairs.Metadata.Add($"secret {i}", "secret");
        }

        foreach (var (field, request) in new[]
        {
            ("content", StorageClient.Request("")),
            ("content", StorageClient.Request(new string('s', 1024 * 1024 + 1))),
            ("embedding", StorageClient.Request("secret", 1, 2)),
            ("embedding", StorageClient.Request("secret", 1, float.NaN, 2)),
            ("embedding", StorageClient.Request("secret", new float[100_000])),
            ("associations.target_id", badTarget),
            ("metadata", manyPairs),
            ("model", new LearnRequest { Content = "secret", Embedding = { 1 } }),
        })
        {
            await AssertStatusAsync(StatusCode.InvalidArgument, $"{field}: ", () => _client.LearnAsync(request));
        }

        foreach (var (field, question) in new[]
        {
            ("top_k", Question(0, 1, 2, 3)), ("top_k", Question(-5, 1, 2, 3)), ("top_k", Question(1001, 1, 2, 3)),
            ("embedding", Question(10)), ("embedding", Question(10, 1, 2)), ("embedding", Question(10, 0, 0, 0)), ("embedding", Question(10, 1, 2, float.PositiveInfinity)),
        })
        {
            await AssertStatusAsync(StatusCode.InvalidArgument, $"{field}: ", () => _client.SearchAsync(question));
        }

        foreach (var id in new[] { "", "xyz", "0123456789ABCDEF", "0123456789abcdef0" })
        {
            await AssertStatusAsync(StatusCode.InvalidArgument, "id: ", () => _client.GetAsync(id));
            await AssertStatusAsync(StatusCode.InvalidArgument, "id: ", () => _client.DeleteAsync(id));
        }

        Assert.AreEqual(1, (await _client.GetStatisticsAsync()).Concepts);
    }

    [TestMethod]
    public async Task A_message_of_everything_at_its_limit_is_taken_and_a_larger_one_is_refused()
    {
        var request = StorageClient.Request(new string('c', 1024 * 1024), [.. Enumerable.Repeat(1f, 65_536)]);
        for (var i = 0; i < 64; i++)
        {
            request.Metadata.Add($"{i:d256}", new string('v', 4096));
        }

        StorageClient.AssertSame(request, await _client.GetAsync((await _client.LearnAsync(request)).Id));
        await AssertStatusAsync(StatusCode.ResourceExhausted, "", () => _client.LearnAsync(StorageClient.Request(new string('c', 17 * 1024 * 1024))));
    }

    [TestMethod]
    public async Task An_answer_that_would_be_enormous_has_the_best_of_the_hits_only_in_their_order()
    {
        const int Limit = 32 * 1024 * 1024;
        for (var i = 0; i < 35; i++)
        {
            await _client.LearnAsync(StorageClient.Request($"{i:d2}".PadRight(1024 * 1024, 'x'), 1, i, 0));
        }

        var answer = await _client.SearchAsync(Question(35, 1, 0, 0));
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 31).Select(i => $"{i:d2}").ToList(),
            answer.Hits.Select(hit => hit.Concept.Content[..2]).ToList());
        Assert.IsLessThanOrEqualTo(Limit, answer.CalculateSize());
        Assert.IsTrue(answer.Incomplete);
        var fits = await _client.SearchAsync(Question(20, 1, 0, 0));
        Assert.HasCount(20, fits.Hits);
        Assert.IsFalse(fits.Incomplete);

        var neighbours = new Traversal { Depth = 1, Limit = 100, MinScore = 0.001f, Neighbours = 64, NeighbourThreshold = 0, Kinds = { AssociationKind.Neighbour } };
        var related = await _client.RelatedAsync(new RelatedRequest { Id = answer.Hits[10].Concept.Id, Traversal = neighbours });
        Assert.HasCount(31, related.Concepts);
        Assert.IsTrue(related.Incomplete);
        Assert.IsLessThanOrEqualTo(Limit, related.CalculateSize());
    }

    [TestMethod]
    public async Task A_scan_gives_every_concept_as_of_its_beginning()
    {
        var expected = new Dictionary<string, string>();
        for (var i = 0; i < 40; i++)
        {
            expected[(await _client.LearnAsync(StorageClient.Request($"text {i}", 1, i, 0))).Id] = $"text {i}";
        }

        var found = await _client.ScanAsync(new ScanRequest { WithEmbedding = true });

        CollectionAssert.AreEquivalent(expected.ToList(), found.ToDictionary(concept => concept.Id, concept => concept.Content).ToList());
        Assert.IsTrue(found.TrueForAll(concept => concept.Embedding.Count == 3));
        Assert.IsEmpty(await _client.ScanAsync(new ScanRequest { Model = "another" }));
    }

    [TestMethod]
    public async Task A_check_of_everything_tells_what_it_read_and_is_for_administrators()
    {
        await _client.LearnAsync(StorageClient.Request("kept"));
        using var administrator = Client(Permissions.Admin);

        var report = await administrator.VerifyAsync();

        Assert.AreEqual(1, report.Concepts);
        Assert.IsEmpty(report.Faults);
        await AssertStatusAsync(StatusCode.PermissionDenied, "", _client.VerifyAsync);
    }

    [TestMethod]
    public async Task Reading_needs_the_read_permission_and_changing_needs_write()
    {
        var id = (await _client.LearnAsync(StorageClient.Request("kept"))).Id;
        using var reader = Client(Permissions.Read);
        using var writer = Client(Permissions.Write);
        using var nobody = Client();

        Assert.AreEqual("kept", (await reader.GetAsync(id)).Content);
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => reader.LearnAsync(StorageClient.Request("no")));
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => reader.DeleteAsync(id));
        await AssertStatusAsync(StatusCode.PermissionDenied, "", () => writer.GetAsync(id));
        foreach (var call in new Func<Task>[]
        {
            () => nobody.GetAsync(id), () => nobody.DeleteAsync(id), () => nobody.LearnAsync(StorageClient.Request("no")),
            () => nobody.SearchAsync(Question(1, 1, 2, 3)), () => nobody.GetStatisticsAsync(),
        })
        {
            await AssertStatusAsync(StatusCode.Unauthenticated, "", call);
        }

        Assert.AreEqual(1, (await reader.GetStatisticsAsync()).Concepts);
    }

    [TestMethod]
    public async Task Statistics_are_those_of_the_engine()
    {
        var empty = await _client.GetStatisticsAsync();
        Assert.AreEqual(0, empty.Concepts);
        Assert.IsTrue(empty.Writable);
        await _client.LearnAsync(StorageClient.Request("first"));
        var one = await _client.GetStatisticsAsync();

        Assert.AreEqual(1, one.Concepts);
        Assert.IsGreaterThan(empty.LogBytes, one.LogBytes);
        Assert.IsGreaterThan(0, one.VectorBytes);
        Assert.AreEqual("", one.Failure);
        await _client.LearnAsync(new LearnRequest { Content = "second", Embedding = { 1 }, Model = "model-b" });
        await _client.LearnAsync(new LearnRequest { Content = "third", Embedding = { 1 }, Model = "model-b" });
        CollectionAssert.AreEquivalent(
            new Dictionary<string, long> { ["model-a"] = 1, ["model-b"] = 2 }, (await _client.GetStatisticsAsync()).ConceptsByModel.ToDictionary());
    }

    [TestMethod]
    public async Task After_a_failed_flush_writes_are_unavailable_reads_go_on_and_readiness_says_why()
    {
        var id = (await _client.LearnAsync(StorageClient.Request("kept"))).Id;
        using var http = _service.CreateClient();
        Assert.AreEqual(HttpStatusCode.OK, (await http.GetAsync("/ready")).StatusCode);
        _disk.Fault = (operation, _) =>
        {
            if (operation == "flush")
            {
                throw new IOException("the disk is on fire");
            }
        };

        await AssertStatusAsync(StatusCode.Unavailable, "the disk is on fire", () => _client.LearnAsync(StorageClient.Request("lost")));
        _disk.Fault = null;
        await AssertStatusAsync(StatusCode.Unavailable, "the disk is on fire", () => _client.DeleteAsync(id));

        Assert.AreEqual("kept", (await _client.GetAsync(id)).Content);
        Assert.HasCount(1, (await _client.SearchAsync(Question(10, 1, 2, 3))).Hits);
        var statistics = await _client.GetStatisticsAsync();
        Assert.IsFalse(statistics.Writable);
        Assert.Contains("the disk is on fire", statistics.Failure);
        await WaitForUnreadyAsync(http);
        Assert.AreEqual(HttpStatusCode.OK, (await http.GetAsync("/alive")).StatusCode);
    }

    // The reports of health checks are kept for a second.
    private static async Task WaitForUnreadyAsync(HttpClient http)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var response = await http.GetAsync("/ready", limit.Token);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                var report = await response.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
                var component = report.GetProperty("components").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == "log");
                StringAssert.Contains(component.GetProperty("description").GetString(), "the disk is on fire");
                return;
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private static async Task AssertStatusAsync(StatusCode expected, string detail, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(call);
        Assert.AreEqual(expected, error.StatusCode, error.Status.Detail);
        Assert.Contains(detail, error.Status.Detail);
        Assert.DoesNotContain("secret", error.Status.Detail);
    }

    private static SearchRequest Question(int topK, params float[] embedding)
    {
        var request = new SearchRequest { TopK = topK, Model = "model-a" };
        request.Embedding.AddRange(embedding);
        return request;
    }

    private StorageClient Client(params string[] scopes) =>
        new(GrpcChannel.ForAddress(_service.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _service.Server.CreateHandler(), MaxReceiveMessageSize = null }), scopes);
}
