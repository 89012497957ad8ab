using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Contracts.Identity;

namespace Sutra.Tests.Api.Learning;

[TestClass]
public sealed class LearnTests
{
    [TestMethod]
    public async Task Learning_answers_201_with_id_and_location_and_the_concept_can_be_read_back()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var response = await api.Http.PostAsJsonAsync(
            "/api/learn", new { content = "Tin melts at 232 degrees. 锡", metadata = new { source = "handbook" } });
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        var id = body.GetProperty("concept_id").GetString()!;
        Assert.AreEqual($"/api/concepts/{id}", response.Headers.Location?.ToString());
        Assert.IsTrue(body.GetProperty("created").GetBoolean());

        var concept = await api.Http.GetFromJsonAsync<JsonElement>($"/api/concepts/{id}");
        Assert.AreEqual("Tin melts at 232 degrees. 锡", concept.GetProperty("content").GetString());
        Assert.AreEqual("handbook", concept.GetProperty("metadata").GetProperty("source").GetString());
        Assert.AreEqual("fake-model-1", concept.GetProperty("model").GetString());
    }

    [TestMethod]
    public async Task Learning_the_same_again_replaces_and_says_so()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var first = await api.LearnAsync("The same thing.");
        using var response = await api.Http.PostAsJsonAsync("/api/learn", new { content = "The same thing." });
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode);
        Assert.AreEqual(first, body.GetProperty("concept_id").GetString());
        Assert.IsFalse(body.GetProperty("created").GetBoolean());
    }

    [TestMethod]
    public async Task Associations_reach_the_storage_with_their_defaults()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var target = await api.LearnAsync("A target.");
        using var response = await api.Http.PostAsJsonAsync(
            "/api/learn", new { content = "A source.", associations = new object[] { new { concept_id = target.ToUpperInvariant() } } });
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode, await response.Content.ReadAsStringAsync());
        var stored = api.Storage.Service.Concepts[FakeStorage.IdOf("A source.")].Associations.Single();
        Assert.AreEqual((target, "related", 1f), (stored.TargetId, stored.Type, stored.Weight));
    }

    [TestMethod]
    public async Task Deleted_concepts_are_gone_and_ids_that_are_none_are_not_found()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var id = await api.LearnAsync("To be forgotten.");
        using var deleted = await api.Http.DeleteAsync($"/api/concepts/{id}");
        Assert.AreEqual(HttpStatusCode.NoContent, deleted.StatusCode);
        foreach (var gone in new[] { id, "0123456789abcdef", "xyz", "0123456789abcdef0", "0123456789abcdeg" })
        {
            using var get = await api.Http.GetAsync($"/api/concepts/{gone}");
            var problem = await ApiUnderTest.ProblemAsync(get, HttpStatusCode.NotFound);
            Assert.AreEqual("concept_not_found", problem.GetProperty("code").GetString());
            using var again = await api.Http.DeleteAsync($"/api/concepts/{gone}");
            await ApiUnderTest.ProblemAsync(again, HttpStatusCode.NotFound);
        }
    }

    [TestMethod]
    public async Task The_callers_own_token_goes_with_every_call()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("Whose is it?");
        CollectionAssert.AreEqual(new[] { "key:alice" }, api.Embedder.Service.Tokens.Select(token => ApiUnderTest.Verify(token)?.Subject).ToArray());
        CollectionAssert.AreEqual(new[] { "key:alice" }, api.Storage.Service.Tokens.Select(token => ApiUnderTest.Verify(token)?.Subject).ToArray());
    }

    [TestMethod]
    public async Task Learning_and_deleting_need_write_reading_and_asking_need_read_all_need_somebody()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var id = await api.LearnAsync("Guarded.");
        using var reader = api.Client(Permissions.Read);
        using var writer = api.Client(Permissions.Write);
        using var nobody = api.Anonymous();
        var learn = () => JsonContent.Create(new { content = "x y" });
        var query = () => JsonContent.Create(new { query = "guarded" });

        await ApiUnderTest.ProblemAsync(await reader.PostAsync("/api/learn", learn()), HttpStatusCode.Forbidden);
        await ApiUnderTest.ProblemAsync(await reader.DeleteAsync($"/api/concepts/{id}"), HttpStatusCode.Forbidden);
        await ApiUnderTest.ProblemAsync(await writer.PostAsync("/api/query", query()), HttpStatusCode.Forbidden);
        await ApiUnderTest.ProblemAsync(await writer.GetAsync($"/api/concepts/{id}"), HttpStatusCode.Forbidden);
        await ApiUnderTest.ProblemAsync(await nobody.PostAsync("/api/learn", learn()), HttpStatusCode.Unauthorized);
        await ApiUnderTest.ProblemAsync(await nobody.PostAsync("/api/query", query()), HttpStatusCode.Unauthorized);
        Assert.AreEqual(HttpStatusCode.OK, (await reader.PostAsync("/api/query", query())).StatusCode);
        Assert.AreEqual(HttpStatusCode.Created, (await writer.PostAsync("/api/learn", learn())).StatusCode);
    }

    [TestMethod]
    public async Task A_service_that_was_away_for_one_call_is_tried_again()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Storage.Service.UnavailableCalls = 1;
        await api.LearnAsync("Second try.");
    }

    [TestMethod]
    public async Task A_component_that_is_gone_is_named_in_a_503_that_says_when_to_come_back()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await api.LearnAsync("Known before.");
        await api.Storage.StopAsync();
        using (var response = await api.Http.PostAsJsonAsync("/api/learn", new { content = "Not now." }))
        {
            var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.ServiceUnavailable);
            Assert.AreEqual("storage_unavailable", problem.GetProperty("code").GetString());
            Assert.AreEqual("storage", problem.GetProperty("component").GetString());
            Assert.IsGreaterThan(0, response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        }

        await api.Storage.StartAsync();
        await api.Embedder.StopAsync();
        var embedder = await api.ProblemAsync("/api/query", JsonContent.Create(new { query = "what was never asked" }), HttpStatusCode.ServiceUnavailable);
        Assert.AreEqual("embedder_unavailable", embedder.GetProperty("code").GetString());

        await api.Embedder.StartAsync();
        await api.LearnAsync("Now again.");
    }

    /// <summary>As the real storage, whose associations may point to what is learned later or was deleted.</summary>
    [TestMethod]
    public async Task An_association_may_point_to_a_concept_that_is_not_there()
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var response = await api.Http.PostAsJsonAsync(
            "/api/learn", new { content = "Edge.", associations = new[] { new { concept_id = "0123456789abcdef" } } });
        Assert.AreEqual(HttpStatusCode.Created, response.StatusCode);
        var concept = await api.Http.GetFromJsonAsync<JsonElement>(response.Headers.Location);
        Assert.AreEqual("0123456789abcdef", concept.GetProperty("associations")[0].GetProperty("concept_id").GetString());
    }

    [TestMethod]
    public async Task A_text_that_the_model_reads_only_the_beginning_of_is_learned_and_said_to_be_truncated()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Embedder.Service.ReadsCharacters = 20;
        foreach (var (content, truncated) in new[] { ("All of it is read.", false), ("Only the beginning of this is read.", true) })
        {
            using var response = await api.Http.PostAsJsonAsync("/api/learn", new { content });
            Assert.AreEqual(HttpStatusCode.Created, response.StatusCode);
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.AreEqual(truncated, body.GetProperty("truncated").GetBoolean(), content);
        }
    }

    [TestMethod]
    public async Task A_storage_that_breaks_is_a_500_without_its_words()
    {
        await using var api = await ApiUnderTest.StartAsync();
        api.Storage.Service.LearnFails = new Grpc.Core.Status(Grpc.Core.StatusCode.Internal, "secret words of the user");
        var problem = await api.ProblemAsync("/api/learn", JsonContent.Create(new { content = "secret words of the user" }), HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("secret words", problem.GetRawText());
        Assert.AreEqual("", string.Join('\n', api.Logs.Where(line => line.Contains("secret words", StringComparison.Ordinal))));
    }
}
