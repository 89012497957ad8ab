using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sutra.Api.Idempotency;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Idempotency;

[TestClass]
public sealed class IdempotencyTests
{
    private const string Lines = "{\"content\":\"One.\"}\n{\"content\":\"\"}\n";

    [TestMethod]
    [DataRow("/api/learn", "{\"content\":\"Once.\"}", "application/json")]
    [DataRow("/api/learn/batch", Lines, "application/x-ndjson")]
    public async Task The_same_key_and_body_get_the_same_answer_and_nothing_is_done_again(string path, string body, string media)
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var first = await PostAsync(api.Http, path, body, media, "key-1");
        var calls = api.Embedder.Service.Calls;
        using var again = await PostAsync(api.Http, path, body, media, "key-1");

        Assert.IsFalse(first.Headers.Contains("Idempotency-Replayed"));
        Assert.AreEqual("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.AreEqual(first.StatusCode, again.StatusCode);
        Assert.AreEqual(first.Headers.Location, again.Headers.Location);
        Assert.AreEqual(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.AreEqual(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.AreEqual(calls, api.Embedder.Service.Calls);
    }

    [TestMethod]
    public async Task Another_request_under_the_same_key_is_refused_and_other_callers_have_their_own_keys()
    {
        await using var api = await ApiUnderTest.StartAsync();
        await PostAsync(api.Http, "/api/learn", "{\"content\":\"Once.\"}", "application/json", "key-1");
        foreach (var (path, body) in new[] { ("/api/learn", "{\"content\":\"Twice.\"}"), ("/api/learn/batch", "{\"content\":\"Once.\"}"), ("/api/learn?x=1", "{\"content\":\"Once.\"}") })
        {
            using var response = await PostAsync(api.Http, path, body, "application/json", "key-1");
            var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.UnprocessableEntity);
            Assert.AreEqual("idempotency_key_reused", problem.GetProperty("code").GetString());
            Assert.IsTrue(problem.GetProperty("errors").TryGetProperty("Idempotency-Key", out _));
        }

        using var bob = api.ClientOf("key:bob", "embedding.write");
        using var other = await PostAsync(bob, "/api/learn", "{\"content\":\"Twice.\"}", "application/json", "key-1");
        Assert.AreEqual(HttpStatusCode.Created, other.StatusCode);
    }

    [TestMethod]
    public async Task A_key_under_way_is_a_409_and_one_whose_request_failed_is_free()
    {
        await using var api = await ApiUnderTest.StartAsync();
        var gate = new TaskCompletionSource();
        api.Embedder.Service.Gate = gate.Task;
        var running = PostAsync(api.Http, "/api/learn", "{\"content\":\"Slow.\"}", "application/json", "key-1");
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(api.Embedder.Service.Calls == 1), TimeSpan.FromSeconds(10), () => "never asked");
        using (var second = await PostAsync(api.Http, "/api/learn", "{\"content\":\"Slow.\"}", "application/json", "key-1"))
        {
            var problem = await ApiUnderTest.ProblemAsync(second, HttpStatusCode.Conflict);
            Assert.AreEqual("idempotency_key_in_use", problem.GetProperty("code").GetString());
        }

        gate.SetResult();
        Assert.AreEqual(HttpStatusCode.Created, (await running).StatusCode);

        await ApiUnderTest.ProblemAsync(await PostAsync(api.Http, "/api/learn", "{}", "application/json", "key-2"), HttpStatusCode.BadRequest);
        using var fixedOne = await PostAsync(api.Http, "/api/learn", "{\"content\":\"Right.\"}", "application/json", "key-2");
        Assert.AreEqual(HttpStatusCode.Created, fixedOne.StatusCode);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("long")]
    public async Task A_key_that_is_none_is_named(string key)
    {
        await using var api = await ApiUnderTest.StartAsync();
        using var response = await PostAsync(api.Http, "/api/learn", "{\"content\":\"a\"}", "application/json", key == "long" ? new string('k', 256) : key);
        var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.IsTrue(problem.GetProperty("errors").TryGetProperty("Idempotency-Key", out _), problem.GetRawText());
    }

    [TestMethod]
    public async Task Keys_are_forgotten_after_their_time_and_the_oldest_when_there_are_too_many()
    {
        var time = new ManualTime();
        var store = new MemoryIdempotencyStore(Options.Create(new IdempotencyOptions { MaxKeys = 2, KeepFor = TimeSpan.FromHours(1) }), time);
        await KeepAsync("one");
        time.Advance(TimeSpan.FromMinutes(30));
        await KeepAsync("two");
        var (claim, kept) = await store.BeginAsync("anna", "one", default);
        Assert.IsNull(claim);
        Assert.IsNotNull(kept);
        time.Advance(TimeSpan.FromMinutes(31));
        await KeepAsync("one");
        await KeepAsync("three");
        Assert.IsNotNull((await store.BeginAsync("anna", "two", default)).Claim, "the oldest went");
        Assert.IsNull((await store.BeginAsync("anna", "three", default)).Claim);

        async Task KeepAsync(string key)
        {
            await using var mine = (await store.BeginAsync("anna", key, default)).Claim!;
            await mine.KeepAsync(new KeptAnswer([1], 200, null, null, new byte[10]));
        }
    }

    [TestMethod]
    public async Task Without_a_database_it_is_announced_that_a_restart_forgets_keys()
    {
        await using var api = await ApiUnderTest.StartAsync();
        Assert.HasCount(1, api.Logs.Where(line => line.Contains(" 2501 ", StringComparison.Ordinal)).ToList());
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string path, string body, string media, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = ApiUnderTest.Json(body, media) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await http.SendAsync(request);
    }
}
