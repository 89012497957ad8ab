using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Contracts.Identity;

namespace Sutra.Tests.Api.Collections;

[TestClass]
public sealed class CollectionEndpointsTests
{
    private RealStorage _storage = null!;
    private ApiUnderTest _api = null!;
    private HttpClient _admin = null!;

    [TestInitialize]
    public async Task StartAsync()
    {
        _storage = await RealStorage.StartNewAsync();
        _api = await ApiUnderTest.StartAsync(("services:storage:grpc:0", _storage.Address));
        _api.Embedder.Service.Others["small"] = "small@1";
        _admin = _api.Client(Permissions.Admin);
    }

    [TestCleanup]
    public async Task CleanUpAsync()
    {
        _admin.Dispose();
        await _api.DisposeAsync();
        await _storage.DisposeAsync();
    }

    [TestMethod]
    public async Task A_collection_is_made_listed_shown_changed_and_deleted()
    {
        using var made = await _admin.PostAsJsonAsync("/api/collections", new
        {
            name = "notes", model = "small", ef_search = 50, language = "german", time_to_live_seconds = 60, expiry = new[] { new { key = "kind", value = "draft", after_seconds = 5 } },
        });
        var collection = await ReadAsync(made, HttpStatusCode.Created);
        Assert.AreEqual("/api/collections/notes", made.Headers.Location?.ToString());
        Assert.AreEqual("small@1", collection.GetProperty("model").GetString(), "the embedder's identity of the model is its stamp");
        Assert.AreEqual(FakeEmbedder.Dimensions, collection.GetProperty("dimension").GetInt32());
        Assert.AreEqual("German", collection.GetProperty("language").GetString());
        Assert.AreEqual(16, collection.GetProperty("m").GetInt32());
        Assert.AreEqual("draft", collection.GetProperty("expiry")[0].GetProperty("value").GetString());

        var listed = await _api.Http.GetFromJsonAsync<JsonElement>("/api/collections");
        CollectionAssert.AreEqual(new[] { "default", "notes" }, listed.GetProperty("collections").EnumerateArray().Select(one => one.GetProperty("name").GetString()).ToList());

        var changed = await ReadAsync(await _admin.PatchAsJsonAsync("/api/collections/notes", new { ef_search = 300, time_to_live_seconds = 0, expiry = Array.Empty<object>() }), HttpStatusCode.OK);
        Assert.AreEqual(300, changed.GetProperty("ef_search").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, changed.GetProperty("time_to_live_seconds").ValueKind);
        Assert.AreEqual(0, changed.GetProperty("expiry").GetArrayLength());

        var shown = await _api.Http.GetFromJsonAsync<JsonElement>("/api/collections/notes");
        Assert.AreEqual(300, shown.GetProperty("collection").GetProperty("ef_search").GetInt32());
        Assert.IsTrue(shown.GetProperty("statistics").GetProperty("writable").GetBoolean());

        using var deleted = await _admin.DeleteAsync("/api/collections/notes");
        Assert.AreEqual(HttpStatusCode.NoContent, deleted.StatusCode);
        await ProblemAsync(() => _api.Http.GetAsync("/api/collections/notes"), HttpStatusCode.NotFound, "collection_not_found");
    }

    [TestMethod]
    public async Task An_alias_is_another_name_until_it_is_removed()
    {
        await CreateAsync("one");
        await CreateAsync("two");
        foreach (var name in new[] { "one", "two" })
        {
            var meant = await ReadAsync(await _admin.PutAsJsonAsync("/api/aliases/live", new { collection = name }), HttpStatusCode.OK);
            Assert.AreEqual(name, meant.GetProperty("name").GetString());
            var found = await _api.Http.GetFromJsonAsync<JsonElement>("/api/collections/live");
            Assert.AreEqual(name, found.GetProperty("collection").GetProperty("name").GetString());
        }

        using var removed = await _admin.DeleteAsync("/api/aliases/live");
        Assert.AreEqual(HttpStatusCode.NoContent, removed.StatusCode);
        await ProblemAsync(() => _admin.DeleteAsync("/api/aliases/live"), HttpStatusCode.NotFound, "collection_not_found");
    }

    [TestMethod]
    [DataRow("""{}""", "name")]
    [DataRow("""{"name":"Notes"}""", "name")]
    [DataRow("""{"name":"_x"}""", "name")]
    [DataRow("""{"name":"n","m":3}""", "m")]
    [DataRow("""{"name":"n","ef_construction":0}""", "ef_construction")]
    [DataRow("""{"name":"n","ef_search":10001}""", "ef_search")]
    [DataRow("""{"name":"n","language":"Klingon"}""", "language")]
    [DataRow("""{"name":"n","time_to_live_seconds":0}""", "time_to_live_seconds")]
    [DataRow("""{"name":"n","expiry":[{"key":"","value":"a","after_seconds":1}]}""", "expiry[0].key")]
    [DataRow("""{"name":"n","expiry":[{"key":"k","after_seconds":1}]}""", "expiry[0].value")]
    [DataRow("""{"name":"n","expiry":[{"key":"k","value":"a","after_seconds":0}]}""", "expiry[0].after_seconds")]
    [DataRow("""{"name":"n","model":"nobody-has-it"}""", "model")]
    [DataRow("""{"name":"n","dimension":7}""", "dimension")]
    [DataRow("""{"name":5}""", "name")]
    public async Task What_no_collection_can_be_is_refused_by_field(string body, string field)
    {
        using var response = await _admin.PostAsync("/api/collections", ApiUnderTest.Json(body));
        var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [TestMethod]
    public async Task What_is_at_odds_with_the_collections_there_are_is_a_conflict()
    {
        await CreateAsync("notes");
        await ProblemAsync(() => _admin.PostAsJsonAsync("/api/collections", new { name = "notes" }), HttpStatusCode.Conflict, "collection_exists");
        await ProblemAsync(() => _admin.PutAsJsonAsync("/api/aliases/notes", new { collection = "default" }), HttpStatusCode.Conflict, "collection_exists");
        await ProblemAsync(() => _admin.DeleteAsync("/api/collections/default"), HttpStatusCode.Conflict, "collection_conflict");
        await ProblemAsync(() => _admin.PutAsJsonAsync("/api/aliases/live", new { collection = "none" }), HttpStatusCode.NotFound, "collection_not_found");
    }

    [TestMethod]
    public async Task Changing_collections_is_for_administrators()
    {
        await ProblemAsync(() => _api.Http.PostAsJsonAsync("/api/collections", new { name = "notes" }), HttpStatusCode.Forbidden, "forbidden");
        await ProblemAsync(() => _api.Http.DeleteAsync("/api/collections/notes"), HttpStatusCode.Forbidden, "forbidden");
        await ProblemAsync(() => _api.Http.PutAsJsonAsync("/api/aliases/live", new { collection = "default" }), HttpStatusCode.Forbidden, "forbidden");
    }

    private async Task CreateAsync(string name) => await ReadAsync(await _admin.PostAsJsonAsync("/api/collections", new { name }), HttpStatusCode.Created);

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.AreEqual(status, response.StatusCode, body);
        return JsonDocument.Parse(body).RootElement.Clone();
    }

    private static async Task ProblemAsync(Func<Task<HttpResponseMessage>> request, HttpStatusCode status, string code)
    {
        using var response = await request();
        Assert.AreEqual(code, (await ApiUnderTest.ProblemAsync(response, status)).GetProperty("code").GetString());
    }
}
