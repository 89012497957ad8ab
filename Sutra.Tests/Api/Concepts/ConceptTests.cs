using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Contracts.Identity;

namespace Sutra.Tests.Api.Concepts;

[TestClass]
public sealed class ConceptTests
{
    [TestMethod]
    public async Task Replacing_keeps_the_id_and_nothing_else()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var id = await api.LearnAsync("Before.", new { a = "1" });
        using var response = await api.Http.PutAsJsonAsync($"/api/concepts/{id}?owner=anna", new { content = "After.", metadata = new { b = "2" } });
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, await response.Content.ReadAsStringAsync());
        var concept = await api.Http.GetFromJsonAsync<JsonElement>($"/api/concepts/{id}");
        Assert.AreEqual(("After.", "anna"), (concept.GetProperty("content").GetString(), concept.GetProperty("owner").GetString()));
        Assert.AreEqual("""{"b":"2"}""", concept.GetProperty("metadata").GetRawText());
        CollectionAssert.AreEqual(FakeEmbedder.Vector("After."), api.Storage.Service.Concepts[id].Embedding.ToArray());
        Assert.AreEqual(DateTimeOffset.UnixEpoch.AddMilliseconds(FakeStorage.LearnedAt), concept.GetProperty("learned_at").GetDateTimeOffset());

        var problem = await ApiUnderTest.ProblemAsync(
            await api.Http.PutAsJsonAsync("/api/concepts/0123456789abcdef", new { content = "Nowhere." }), HttpStatusCode.NotFound);
        Assert.AreEqual("concept_not_found", problem.GetProperty("code").GetString());
        var other = await api.LearnAsync("Another.");
        problem = await ApiUnderTest.ProblemAsync(await api.Http.PutAsJsonAsync($"/api/concepts/{other}", new { content = "After." }), HttpStatusCode.Conflict);
        Assert.AreEqual("content_exists", problem.GetProperty("code").GetString());
    }

    [TestMethod]
    public async Task Patching_merges_metadata_and_null_removes_without_embedding_anything()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var id = await api.LearnAsync("The same.", new { keep = "1", change = "2", remove = "3" });
        var calls = api.Embedder.Service.Calls;
        using var writer = api.Client(Permissions.Write);
        using var response = await writer.PatchAsync($"/api/concepts/{id}", ApiUnderTest.Json("""{"metadata":{"change":"4","remove":null,"add":"5","absent":null}}"""));
        Assert.AreEqual(HttpStatusCode.NoContent, response.StatusCode);
        CollectionAssert.AreEquivalent(
            new[] { "keep=1", "change=4", "add=5" }, api.Storage.Service.Concepts[id].Metadata.Select(pair => $"{pair.Key}={pair.Value}").ToArray());
        CollectionAssert.AreEqual(FakeEmbedder.Vector("The same."), api.Storage.Service.Concepts[id].Embedding.ToArray());
        Assert.AreEqual(calls, api.Embedder.Service.Calls);

        var records = (await File.ReadAllLinesAsync(api.AuditFile)).TakeLast(2).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("action").GetString());
        CollectionAssert.AreEqual(new[] { "update-intent", "update" }, records.ToArray());
    }

    [TestMethod]
    [DataRow("PUT", "", "{}", "content")]
    [DataRow("PUT", "", """{"content":"a","owner":[]}""", "owner")]
    [DataRow("PUT", "", """{"content":"a","collection":"NO"}""", "collection")]
    [DataRow("PUT", "?collection=!", """{"content":"a"}""", "collection")]
    [DataRow("PATCH", "", "{}", "metadata")]
    [DataRow("PATCH", "", """{"metadata":{}}""", "metadata")]
    [DataRow("PATCH", "", """{"metadata":7}""", "metadata")]
    [DataRow("PATCH", "", """{"metadata":{"":"v"}}""", "metadata")]
    [DataRow("PATCH", "", """{"metadata":{"secret":[]}}""", "metadata")]
    [DataRow("GET", "?collection=A", null, "collection")]
    [DataRow("DELETE", "?collection=a&collection=b", null, "collection")]
    public async Task What_is_wrong_is_named(string method, string query, string? body, string field)
    {
        await using var api = await ApiUnderTest.StartAsync();
        var id = await api.LearnAsync("There.");
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/concepts/{id}{query}") { Content = body is null ? null : ApiUnderTest.Json(body) };
        var problem = await ApiUnderTest.ProblemAsync(await api.Http.SendAsync(request), HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
        Assert.DoesNotContain("secret", problem.GetRawText());
    }
}
