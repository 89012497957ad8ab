using System.Net;
using System.Text;
using System.Text.Json;
using Sutra.Contracts.Identity;
using Sutra.Storage.Collections;
using Sutra.Storage.Concepts;
using Sutra.Tests.Api.Collections;

namespace Sutra.Tests.Api.Transfer;

[TestClass]
public sealed class TransferTests
{
    private const string Model = "other@2";

    private RealStorage _storage = null!;
    private ApiUnderTest _api = null!;
    private HttpClient _admin = null!;

    [TestInitialize]
    public async Task StartAsync()
    {
        _storage = await RealStorage.StartNewAsync();
        _api = await ApiUnderTest.StartAsync(("services:storage:grpc:0", _storage.Address), ("Learning:GroupItems", "4"));
        _api.Embedder.Service.Others["other"] = Model;
        _admin = _api.Client(Permissions.Admin, Permissions.Write);
        _storage.Store.Create("from", new CollectionSettings { Model = Model });
        _storage.Store.Create("to", new CollectionSettings { Model = Model });
        _storage.Store.Create("elsewhere", new CollectionSettings { Model = "fake-model-1" });
        var first = await _storage.Store.Get("from").LearnAsync(Concept("the first"));
        await _storage.Store.Get("from").LearnAsync(Concept("the second, ह") with
        {
            Id = new ConceptId(0x1234),
            Restores = true,
            LearnedAt = DateTimeOffset.UnixEpoch.AddDays(20_000),
            Owner = "ada",
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["kind"] = "note" },
            Associations = [new Association(first.Id, "after", 0.5f)],
        });
    }

    [TestCleanup]
    public async Task CleanUpAsync()
    {
        _admin.Dispose();
        await _api.DisposeAsync();
        await _storage.DisposeAsync();
    }

    [TestMethod]
    public async Task What_was_exported_with_embeddings_is_the_same_where_it_is_imported_and_nothing_is_embedded()
    {
        var exported = await _admin.GetStringAsync("/api/collections/from/export?embeddings=true");
        Assert.HasCount(2, exported.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        StringAssert.Contains(exported, "the second, ह", "written as it is");
        var answer = await ImportAsync("to", exported);
        Assert.AreEqual("""{"line":null,"error":null,"summary":{"created":2,"replaced":0,"failed":0,"untold":0}}""", answer.Single());
        Assert.AreEqual(0, _api.Embedder.Service.Calls);
        CollectionAssert.AreEqual(Read("from", embeddings: true), Read("to", embeddings: true));

        var again = await ImportAsync("to", exported);
        Assert.AreEqual(2, JsonDocument.Parse(again.Single()).RootElement.GetProperty("summary").GetProperty("replaced").GetInt32());
        CollectionAssert.AreEqual(Read("from", embeddings: true), Read("to", embeddings: true));
    }

    [TestMethod]
    public async Task Without_embeddings_or_for_another_model_it_is_embedded_again()
    {
        var bare = await _admin.GetStringAsync("/api/collections/from/export");
        Assert.AreEqual(JsonValueKind.Null, JsonDocument.Parse(bare.Split('\n')[0]).RootElement.GetProperty("embedding").ValueKind);
        await ImportAsync("to", bare);
        CollectionAssert.AreEqual(Read("from", embeddings: false, but: Model), Read("to", embeddings: false, but: Model));
        await ImportAsync("elsewhere", await _admin.GetStringAsync("/api/collections/from/export?embeddings=true"));
        CollectionAssert.AreEqual(Read("from", embeddings: false), Read("elsewhere", embeddings: false));
        CollectionAssert.AreEqual(
            FakeEmbedder.Vector("the first"), _storage.Store.Get("elsewhere").Scan().Select(stored => stored.Read()).Single(one => one.Content == "the first").Embedding.ToArray());
    }

    [TestMethod]
    public async Task Where_any_model_may_be_the_embedders_own_vectors_are_taken_and_others_made_anew()
    {
        var own = Convert.ToBase64String(new byte[FakeEmbedder.Dimensions * sizeof(float)].Select((_, i) => i == 3 ? (byte)0x3f : (byte)0).ToArray());
        await ImportAsync("default", $$"""
            {"content":"mine","model":"fake-model-1","embedding":"{{own}}"}
            {"content":"not mine","model":"fake-model-0","embedding":"{{own}}"}
            """);
        Assert.AreEqual(1, _api.Embedder.Service.Calls);
        Assert.AreEqual("not mine", _api.Embedder.Service.Requests.Single().Texts.Single());
        Assert.IsTrue(_storage.Store.Get("default").Scan().Select(stored => stored.Read()).All(concept => concept.Model == "fake-model-1"));
    }

    [TestMethod]
    public async Task What_is_wrong_with_a_line_is_told_and_the_others_are_imported()
    {
        string[] lines =
        [
            """{"content":"good"}""", "secret", "", """{"content":""}""" + "\r", """{"content":"x","id":"secret"}""", "null",
            $$"""{"content":"x","model":"{{Model}}","embedding":"secret!"}""", $$"""{"content":"x","model":"{{Model}}","embedding":"AAAA"}""",
            """{"content":"x","learned_at":"secret"}""", """{"content":"good, too"}""",
        ];
        var answer = await ImportAsync("to", string.Join('\n', lines));
        Assert.DoesNotContain("secret", string.Join('\n', answer));
        var told = answer.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        CollectionAssert.AreEqual(
            new[] { "2 invalid_json ", "4 invalid_request content", "5 invalid_request id", "6 invalid_json ", "7 invalid_request embedding", "8 invalid_request embedding", "9 invalid_request learned_at" },
            told.SkipLast(1).Select(line => $"{line.GetProperty("line")} {line.GetProperty("error").GetProperty("code")} {line.GetProperty("error").GetProperty("field")}").ToList());
        var summary = told[^1].GetProperty("summary");
        Assert.AreEqual((2, 7), (summary.GetProperty("created").GetInt32(), summary.GetProperty("failed").GetInt32()));
        CollectionAssert.AreEquivalent(new[] { "good", "good, too" }, _storage.Store.Get("to").Scan().Select(stored => stored.Read().Content).ToList());
    }

    [TestMethod]
    public async Task Errors_beyond_what_is_told_are_counted()
    {
        var answer = await ImportAsync("to", string.Concat(Enumerable.Repeat("?\n", 10_003)) + """{"content":"good"}""");
        Assert.HasCount(10_001, answer);
        Assert.AreEqual("""{"line":null,"error":null,"summary":{"created":1,"replaced":0,"failed":10003,"untold":3}}""", answer[^1]);
    }

    [TestMethod]
    public async Task What_is_not_there_or_not_lines_is_refused()
    {
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/collections/none/export"), (HttpMethod.Post, "/api/collections/none/import") })
        {
            using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? Lines("{}") : null };
            using var none = await _admin.SendAsync(request);
            Assert.AreEqual("collection_not_found", (await ApiUnderTest.ProblemAsync(none, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        }

        using var odd = await _admin.GetAsync("/api/collections/from/export?embeddings=maybe");
        Assert.IsTrue((await ApiUnderTest.ProblemAsync(odd, HttpStatusCode.BadRequest)).GetProperty("errors").TryGetProperty("embeddings", out _));
        using var json = await _admin.PostAsync("/api/collections/to/import", ApiUnderTest.Json("{}"));
        await ApiUnderTest.ProblemAsync(json, HttpStatusCode.UnsupportedMediaType);
        using var forbidden = await _api.Http.GetAsync("/api/collections/from/export");
        await ApiUnderTest.ProblemAsync(forbidden, HttpStatusCode.Forbidden);
        using var forbiddenToo = await _api.Http.PostAsync("/api/collections/to/import", Lines("{}"));
        await ApiUnderTest.ProblemAsync(forbiddenToo, HttpStatusCode.Forbidden);
    }

    [TestMethod]
    public async Task An_import_that_nothing_could_be_learned_of_is_a_problem_and_all_of_it_is_on_record()
    {
        await ImportAsync("to", """{"id":"00000000000000aa","content":"on record"}""");
        await _admin.GetStringAsync("/api/collections/to/export");
        var actions = (await File.ReadAllLinesAsync(_api.AuditFile)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        CollectionAssert.IsSubsetOf(new[] { "import-intent", "import", "export" }, actions.Select(record => record.GetProperty("action").GetString()).ToList());
        await _api.Embedder.StopAsync();
        using var response = await _admin.PostAsync("/api/collections/to/import", Lines("""{"content":"cannot be embedded"}"""));
        Assert.AreEqual("embedder_unavailable", (await ApiUnderTest.ProblemAsync(response, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString());
    }

    private static StringContent Lines(string lines) => new(lines, Encoding.UTF8, "application/x-ndjson");

    private async Task<string[]> ImportAsync(string collection, string lines)
    {
        using var response = await _admin.PostAsync($"/api/collections/{collection}/import", Lines(lines));
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body);
        Assert.AreEqual("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        return body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private List<string> Read(string collection, bool embeddings, string? but = null) =>
    [
        .. _storage.Store.Get(collection).Scan().Select(stored => stored.Read()).OrderBy(concept => concept.Id.Value).Select(concept => string.Join('|',
            concept.Id, concept.Content, concept.Owner, concept.LearnedAt, string.Join(',', concept.Metadata), string.Join(',', concept.Associations),
            but is null ? "" : concept.Model, embeddings ? string.Join(',', concept.Embedding.ToArray()) : "")),
    ];

    // Of the model's size, as it is embedded anew in one of the tests.
    private static NewConcept Concept(string content) => new(
        content, new Dictionary<string, string>(StringComparer.Ordinal), new float[] { 1, 2, 3 }.Concat(new float[FakeEmbedder.Dimensions - 3]).ToArray(), [], Model);
}
