using System.Net;
using System.Net.Http.Json;
using System.Text;
using Sutra.Tests.Harness;

namespace Sutra.Tests.EndToEnd;

/// <summary>Everything together, on real Redis and Postgres.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class WholeSystemTests
{
    private static SutraSystem s_sutra = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_sutra = await SutraSystem.StartAsync("local");

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (s_sutra is not null)
        {
            await s_sutra.DisposeAsync();
        }
    }

    [TestMethod]
    public async Task Learns_finds_answers_and_forgets()
    {
        var id = await s_sutra.LearnAsync("The lighthouse keeper winds the clockwork every evening at six.", new { source = "logbook" });
        StringAssert.Matches(id, new("^[0-9a-f]{16}$"));

        var found = await s_sutra.QueryAsync("When does the lighthouse keeper wind the clockwork?");
        var best = found.GetProperty("evidence")[0];
        Assert.AreEqual(id, best.GetProperty("concept_id").GetString());
        Assert.AreEqual("logbook", best.GetProperty("metadata").GetProperty("source").GetString());
        StringAssert.Contains(found.GetProperty("answer").GetString(), "at six");
        Assert.IsGreaterThan(0.0, found.GetProperty("confidence").GetDouble());

        using var deleted = await s_sutra.Http.DeleteAsync($"/api/concepts/{id}");
        Assert.AreEqual(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await s_sutra.Http.GetAsync($"/api/concepts/{id}");
        Assert.AreEqual(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [TestMethod]
    public async Task A_paraphrase_ranks_above_noise()
    {
        var wanted = await s_sutra.LearnAsync("To reset a forgotten password, open the account settings and choose 'send reset link'.");
        await s_sutra.LearnAsync("The harvest festival takes place on the second weekend of October.");
        await s_sutra.LearnAsync("Granite forms when magma cools slowly below the surface.");

        var found = await s_sutra.QueryAsync("how can I reset my account password", topK: 3);

        Assert.AreEqual(wanted, found.GetProperty("evidence")[0].GetProperty("concept_id").GetString());
    }

    [TestMethod]
    public async Task Embeddings_come_through_the_gateway()
    {
        using var response = await s_sutra.Http.PostAsJsonAsync("/v1/embeddings", new { model = "sutra-static", input = new[] { "one", "two" } });
        var body = await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>();
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, body.ToString());
        Assert.AreEqual(2, body.GetProperty("data").GetArrayLength());
    }

    [TestMethod]
    [DataRow("{", 400)]
    [DataRow("""{"content": 7}""", 400)]
    [DataRow("""{"content": ""}""", 400)]
    [DataRow("""{"content": "   "}""", 400)]
    [DataRow("""{}""", 400)]
    [DataRow("""[]""", 400)]
    [DataRow("""{"content": "x", "metadata": "not a map"}""", 400)]
    [DataRow("""{"content": "x", "metadata": {"k": 5}}""", 400)]
    [DataRow("""{"content": "x", "associations": {"a": 1}}""", 400)]
    public async Task A_malformed_learn_is_a_problem_without_a_stack_trace(string body, int status)
    {
        using var response = await s_sutra.Http.PostAsync("/api/learn", new StringContent(body, Encoding.UTF8, "application/json"));
        var answer = await response.Content.ReadAsStringAsync();

        Assert.AreEqual(status, (int)response.StatusCode, answer);
        AssertProblem(response, answer);
    }

    [TestMethod]
    public async Task Ten_megabytes_are_refused()
    {
        var body = $$"""{"content": "{{new string('a', 10 * 1024 * 1024)}}"}""";
        using var response = await s_sutra.Http.PostAsync("/api/learn", new StringContent(body, Encoding.UTF8, "application/json"));
        var answer = await response.Content.ReadAsStringAsync();

        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, response.StatusCode, answer);
        AssertProblem(response, answer);
    }

    [TestMethod]
    public async Task A_wrong_key_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/query") { Content = JsonContent.Create(new { query = "anything" }) };
        request.Headers.Authorization = new("Bearer", "sutra_wrong_key");
        using var response = await s_sutra.Http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();

        Assert.AreEqual(HttpStatusCode.Unauthorized, response.StatusCode, answer);
        AssertProblem(response, answer);
    }

    private static void AssertProblem(HttpResponseMessage response, string body)
    {
        Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType, body);
        StringAssert.Contains(body, "traceId");
        Assert.DoesNotContain("   at ", body, "a stack trace leaked");
        Assert.DoesNotContain("Exception", body, "an exception type leaked");
    }
}
