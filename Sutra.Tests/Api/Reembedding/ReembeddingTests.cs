using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Contracts.Identity;
using Sutra.Storage.Concepts;
using Sutra.Tests.Api.Collections;

namespace Sutra.Tests.Api.Reembedding;

[TestClass]
public sealed class ReembeddingTests
{
    private const string Old = "fake-model-1";
    private const string New = "other@2";

    private RealStorage _storage = null!;
    private ApiUnderTest _api = null!;
    private HttpClient _admin = null!;

    public TestContext TestContext { get; set; } = null!;

    [TestInitialize]
    public async Task StartAsync()
    {
        _storage = await RealStorage.StartNewAsync();
        _api = await ApiUnderTest.StartAsync(("services:storage:grpc:0", _storage.Address));
        _api.Embedder.Service.Others["other"] = New;
        _admin = _api.Client(Permissions.Admin);
    }

    [TestCleanup]
    public async Task CleanUpAsync()
    {
        _api.Embedder.Service.Gate = null;
        _admin.Dispose();
        await _api.DisposeAsync();
        await _storage.DisposeAsync();
    }

    [TestMethod]
    public Task A_collection_goes_over_to_another_model_while_it_is_asked_and_changed_and_nobody_notices() => GoOverAsync(400);

    [TestMethod]
    [TestCategory("Slow")]
    public Task So_does_one_of_30_000_concepts() => GoOverAsync(30_000);

    [TestMethod]
    public async Task Concepts_keep_all_but_their_vectors()
    {
        var engine = _storage.Store.Default;
        var target = (await engine.LearnAsync(Concept("the target"))).Id;
        var rich = (await engine.LearnAsync(Concept("as it was at first"))).Id;
        await engine.LearnAsync(Concept("as it is now") with
        {
            Id = rich,
            Owner = "ada",
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["kind"] = "note" },
            Associations = [new Association(target, "about", 0.5f)],
        });
        var before = engine.Scan().Select(stored => stored.Read()).OrderBy(concept => concept.Id.Value).ToList();
        await WaitAsync(await BeginAsync("default"));
        var after = _storage.Store.Default.Scan().Select(stored => stored.Read()).OrderBy(concept => concept.Id.Value).ToList();
        Assert.HasCount(before.Count, after);
        foreach (var (was, now) in before.Zip(after))
        {
            Assert.AreEqual((was.Id, was.Content, was.Owner, was.LearnedAt, New), (now.Id, now.Content, now.Owner, now.LearnedAt, now.Model));
            CollectionAssert.AreEquivalent(was.Metadata.ToList(), now.Metadata.ToList());
            CollectionAssert.AreEqual(was.Associations.ToList(), now.Associations.ToList());
        }
    }

    [TestMethod]
    public async Task It_goes_on_where_the_storage_was_killed()
    {
        await LearnAsync(Enumerable.Range(0, 600));
        var gate = new TaskCompletionSource();
        _api.Embedder.Service.Gate = gate.Task;
        var id = await BeginAsync("default");
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(_api.Embedder.Service.Calls > 0), TimeSpan.FromSeconds(30), () => "nothing was embedded");
        await _storage.KillAsync();
        gate.SetResult();
        _api.Embedder.Service.Gate = null;
        await _storage.StartAsync();
        await LearnAsync(Enumerable.Range(600, 5));
        await WaitAsync(id);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 605).Select(Text).ToList(), _storage.Store.Default.Scan().Select(concept => concept.Read().Content).ToList());
        Assert.AreEqual(605, _storage.Store.Default.Statistics.ConceptsByModel[New]);
    }

    [TestMethod]
    public async Task It_can_be_cancelled_and_leaves_nothing()
    {
        await LearnAsync(Enumerable.Range(0, 20));
        var gate = new TaskCompletionSource();
        _api.Embedder.Service.Gate = gate.Task;
        var id = await BeginAsync("default");
        var listed = await _admin.GetFromJsonAsync<JsonElement>("/api/reembeddings");
        Assert.AreEqual(id, listed.GetProperty("reembeddings")[0].GetProperty("id").GetString());
        using var cancelled = await _admin.DeleteAsync($"/api/reembeddings/{id}");
        Assert.AreEqual(HttpStatusCode.NoContent, cancelled.StatusCode);
        gate.SetResult();
        await ProblemAsync(() => _admin.GetAsync($"/api/reembeddings/{id}"), HttpStatusCode.NotFound, "reembedding_not_found");
        Assert.HasCount(1, _storage.Store.List(replacements: true));
        Assert.AreEqual(20, _storage.Store.Default.Statistics.ConceptsByModel[Old]);
    }

    [TestMethod]
    public async Task A_person_who_is_erased_meanwhile_is_erased_in_both()
    {
        await _storage.Store.Default.LearnAsync(Concept("ada's") with { Owner = "ada" });
        await LearnAsync(Enumerable.Range(0, 5));
        var gate = new TaskCompletionSource();
        _api.Embedder.Service.Gate = gate.Task;
        var id = await BeginAsync("default");
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(_api.Embedder.Service.Calls > 0), TimeSpan.FromSeconds(30), () => "nothing was embedded");
        Assert.AreEqual(1, await _storage.Store.Default.EraseAsync("ada"));
        gate.SetResult();
        await WaitAsync(id);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 5).Select(Text).ToList(), _storage.Store.Default.Scan().Select(concept => concept.Read().Content).ToList());
    }

    [TestMethod]
    public async Task What_cannot_be_begun_is_refused()
    {
        await ProblemAsync(() => _api.Http.PostAsJsonAsync("/api/collections/default/reembed", new { model = "other" }), HttpStatusCode.Forbidden, "forbidden");
        await ProblemAsync(() => _admin.PostAsJsonAsync("/api/collections/none/reembed", new { model = "other" }), HttpStatusCode.NotFound, "collection_not_found");
        await ProblemAsync(() => _admin.PostAsJsonAsync("/api/collections/default/reembed", new { model = "nobody" }), HttpStatusCode.BadRequest, "invalid_request");
        await ProblemAsync(() => _admin.PostAsJsonAsync("/api/collections/default/reembed", new { }), HttpStatusCode.BadRequest, "invalid_request");
        await WaitAsync(await BeginAsync("default"));
        await ProblemAsync(() => _admin.PostAsJsonAsync("/api/collections/default/reembed", new { model = "other" }), HttpStatusCode.Conflict, "collection_conflict");
    }

    private async Task GoOverAsync(int concepts)
    {
        await LearnAsync(Enumerable.Range(0, concepts));
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var (asked, changed) = (0, 0);
        var expected = new ConcurrentDictionary<string, bool>(Enumerable.Range(0, concepts).Select(i => KeyValuePair.Create(Text(i), true)), StringComparer.Ordinal);
        var asking = Task.WhenAll(Enumerable.Range(0, 2).Select(async seed =>
        {
            var random = new Random(seed);
            while (!stop.IsCancellationRequested)
            {
                // Those are never deleted.
                var text = Text(random.Next(concepts / 2));
                using var response = await _api.Http.PostAsJsonAsync("/api/query", new { query = text, top_k = 3 });
                var body = await response.Content.ReadAsStringAsync();
                if (response.StatusCode != HttpStatusCode.OK || JsonDocument.Parse(body).RootElement.GetProperty("evidence")[0].GetProperty("content").GetString() != text)
                {
                    failures.Enqueue($"{response.StatusCode} {body}");
                }

                Interlocked.Increment(ref asked);
            }
        }));
        var changing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var learned = Text(1_000_000 + i);
                using var response = await _api.Http.PostAsJsonAsync("/api/learn", new { content = learned });
                if (response.StatusCode != HttpStatusCode.Created)
                {
                    failures.Enqueue($"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                }

                expected[learned] = true;
                if (i % 3 == 0 && i / 3 < concepts / 2)
                {
                    var gone = Text(concepts - 1 - (i / 3));
                    using var deleted = await _api.Http.DeleteAsync($"/api/concepts/{FakeStorage.IdOf(gone)}");
                    if (deleted.StatusCode != HttpStatusCode.NoContent)
                    {
                        failures.Enqueue($"{deleted.StatusCode} {await deleted.Content.ReadAsStringAsync()}");
                    }

                    expected.TryRemove(gone, out _);
                }

                changed++;
            }
        });
        var started = Stopwatch.GetTimestamp();
        await WaitAsync(await BeginAsync("default"));
        var took = Stopwatch.GetElapsedTime(started);
        var (askedBefore, changedBefore) = (asked, changed);
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(asked > askedBefore + 5 && changed > changedBefore + 3), TimeSpan.FromSeconds(30), () => "nothing goes on after the switch");
        await stop.CancelAsync();
        await Task.WhenAll(asking, changing);
        TestContext.WriteLine($"{concepts} concepts in {took.TotalSeconds:F1} s; {asked} queries and {changed} learned meanwhile");
        Assert.IsEmpty(failures, string.Join('\n', failures.Take(5)));

        var engine = _storage.Store.Default;
        CollectionAssert.AreEquivalent(expected.Keys.ToList(), engine.Scan().Select(concept => concept.Read().Content).ToList());
        Assert.AreEqual(New, engine.Statistics.ConceptsByModel.Single().Key);
        Assert.HasCount(1, _storage.Store.List(replacements: true));
        Assert.DoesNotContain("log", _storage.Disk.ListFolders("/data"), "the old vectors are gone from the disk");
    }

    private async Task LearnAsync(IEnumerable<int> numbers)
    {
        foreach (var part in numbers.Select(number => Concept(Text(number))).Chunk(1000))
        {
            var outcomes = await _storage.Store.Default.LearnManyAsync(part);
            Assert.IsTrue(outcomes.All(outcome => outcome.Refusal is null));
        }
    }

    private async Task<string> BeginAsync(string collection)
    {
        using var response = await _admin.PostAsJsonAsync($"/api/collections/{collection}/reembed", new { model = "other" });
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.Accepted, response.StatusCode, body);
        var id = JsonDocument.Parse(body).RootElement.GetProperty("id").GetString()!;
        Assert.AreEqual($"/api/reembeddings/{id}", response.Headers.Location?.ToString());
        return id;
    }

    private async Task WaitAsync(string id)
    {
        var last = "";
        await ApiUnderTest.WaitUntilAsync(
            async () =>
            {
                using var response = await _admin.GetAsync($"/api/reembeddings/{id}");
                last = await response.Content.ReadAsStringAsync();
                return response.StatusCode == HttpStatusCode.OK && JsonDocument.Parse(last).RootElement.GetProperty("state").GetString() == "completed";
            },
            TimeSpan.FromMinutes(2),
            () => $"never completed: {last}\n{string.Join('\n', _api.Logs.Where(line => line.Contains("mbedd", StringComparison.Ordinal)).TakeLast(10))}");
    }

    private static async Task ProblemAsync(Func<Task<HttpResponseMessage>> request, HttpStatusCode status, string code)
    {
        using var response = await request();
        Assert.AreEqual(code, (await ApiUnderTest.ProblemAsync(response, status)).GetProperty("code").GetString());
    }

    private static string Text(int number) => $"number {number} word{number * 7 % 1009} thing{number % 97} part{number / 13}";

    private static NewConcept Concept(string content) =>
        new(content, new Dictionary<string, string>(StringComparer.Ordinal), FakeEmbedder.Vector(content), [], Old);
}
