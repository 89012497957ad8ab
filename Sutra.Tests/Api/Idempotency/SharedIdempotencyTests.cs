using System.Net;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Idempotency;

/// <summary>Several instances of the API on one PostgreSQL.</summary>
[TestClass]
public sealed class SharedIdempotencyTests
{
    private const string Once = "{\"content\":\"Once.\"}";
    private static PostgresServer s_postgres = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_postgres = await PostgresServer.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (s_postgres is not null)
        {
            await s_postgres.DisposeAsync();
        }
    }

    [TestMethod]
    public async Task Another_instance_and_one_started_later_give_the_same_answer_and_do_nothing()
    {
        string body;
        Uri? location;
        await using (var one = await StartApiAsync())
        {
            Assert.HasCount(1, one.Logs.Where(line => line.Contains(" 2502 ", StringComparison.Ordinal)).ToList());
            await using var two = await StartApiAsync();
            using var first = await PostAsync(one, Once, "key-1");
            (body, location) = (await first.Content.ReadAsStringAsync(), first.Headers.Location);
            Assert.AreEqual(HttpStatusCode.Created, first.StatusCode, body);
            await ReplayAsync(two);
            using var reused = await PostAsync(two, "{\"content\":\"Twice.\"}", "key-1");
            Assert.AreEqual("idempotency_key_reused", (await ApiUnderTest.ProblemAsync(reused, HttpStatusCode.UnprocessableEntity)).GetProperty("code").GetString());
            using var bob = two.ClientOf("key:bob", "embedding.write");
            using var others = await PostAsync(bob, "{\"content\":\"Twice.\"}", "key-1");
            Assert.AreEqual(HttpStatusCode.Created, others.StatusCode, "keys are each caller's own");
        }

        await using var later = await StartApiAsync();
        await ReplayAsync(later);
        Assert.DoesNotContain("key-1", string.Join(' ', await s_postgres.QueryAsync("SELECT encode(id, 'escape') FROM idempotency_keys")));

        async Task ReplayAsync(ApiUnderTest api)
        {
            using var again = await PostAsync(api, Once, "key-1");
            Assert.AreEqual("true", again.Headers.GetValues("Idempotency-Replayed").Single());
            Assert.AreEqual(HttpStatusCode.Created, again.StatusCode);
            Assert.AreEqual(location, again.Headers.Location);
            Assert.AreEqual(body, await again.Content.ReadAsStringAsync());
            Assert.AreEqual(0, api.Embedder.Service.Calls);
        }
    }

    [TestMethod]
    public async Task A_key_under_way_elsewhere_is_a_409_however_long_it_takes_and_free_when_it_failed()
    {
        await using var one = await StartApiAsync();
        await using var two = await StartApiAsync();
        var gate = new TaskCompletionSource();
        one.Embedder.Service.Gate = gate.Task;
        var running = PostAsync(one, Once, "key-2");
        await ApiUnderTest.WaitUntilAsync(() => Task.FromResult(one.Embedder.Service.Calls == 1), TimeSpan.FromSeconds(10), () => "never asked");

        // Longer than its lease: it is renewed.
        var until = await NowAsync("+ interval '1.2 seconds'");
        do
        {
            using var second = await PostAsync(two, Once, "key-2");
            Assert.AreEqual("idempotency_key_in_use", (await ApiUnderTest.ProblemAsync(second, HttpStatusCode.Conflict)).GetProperty("code").GetString());
        }
        while (string.CompareOrdinal(await NowAsync(""), until) < 0);

        gate.SetResult();
        Assert.AreEqual(HttpStatusCode.Created, (await running).StatusCode);
        using var replayed = await PostAsync(two, Once, "key-2");
        Assert.IsTrue(replayed.Headers.Contains("Idempotency-Replayed"));

        await ApiUnderTest.ProblemAsync(await PostAsync(one, "{}", "key-3"), HttpStatusCode.BadRequest);
        using var right = await PostAsync(two, Once, "key-3");
        Assert.AreEqual(HttpStatusCode.Created, right.StatusCode);
        Assert.IsFalse(right.Headers.Contains("Idempotency-Replayed"));
    }

    [TestMethod]
    public async Task A_key_of_an_instance_that_died_is_free_when_its_lease_ends_and_old_ones_are_removed()
    {
        await using var api = await StartApiAsync();
        using var first = await PostAsync(api, Once, "key-4");
        await s_postgres.QueryAsync("UPDATE idempotency_keys SET lease = gen_random_uuid(), body = NULL RETURNING 1");
        using (var taken = await PostAsync(api, Once, "key-4"))
        {
            await ApiUnderTest.ProblemAsync(taken, HttpStatusCode.Conflict);
        }

        await s_postgres.QueryAsync("UPDATE idempotency_keys SET expires_at = now() - interval '1 second' RETURNING 1");
        using (var free = await PostAsync(api, Once, "key-4"))
        {
            Assert.AreEqual(HttpStatusCode.Created, free.StatusCode);
            Assert.IsFalse(free.Headers.Contains("Idempotency-Replayed"));
        }

        await PostAsync(api, Once, "key-5");
        await PostAsync(api, Once, "key-6");
        await using var small = await StartApiAsync(("Idempotency:MaxKeys", "1"));
        var store = (Sutra.Api.Idempotency.IIdempotencyStore)small.Services.GetService(typeof(Sutra.Api.Idempotency.IIdempotencyStore))!;
        await store.SweepAsync(default);
        Assert.AreEqual("1", (await s_postgres.QueryAsync("SELECT count(*) FROM idempotency_keys"))[0], "the newest");
    }

    [TestMethod]
    public async Task Without_its_database_a_key_is_refused_and_nothing_is_done()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var api = await ApiUnderTest.StartAsync(("ConnectionStrings:audit", postgres.ConnectionString));
        await postgres.StopAsync();
        using var response = await PostAsync(api, Once, "key-7");
        var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        Assert.AreEqual("idempotency_unavailable", problem.GetProperty("code").GetString());
        Assert.AreEqual(0, api.Embedder.Service.Calls);
    }

    private static Task<ApiUnderTest> StartApiAsync(params (string, string?)[] more) =>
        ApiUnderTest.StartAsync([("ConnectionStrings:audit", s_postgres.ConnectionString), ("Idempotency:Lease", "00:00:00.600"), .. more]);

    private static async Task<string> NowAsync(string more) => (await s_postgres.QueryAsync($"SELECT to_char(now() {more}, 'YYYY-MM-DD HH24:MI:SS.US')"))[0];

    private static Task<HttpResponseMessage> PostAsync(ApiUnderTest api, string body, string key) => PostAsync(api.Http, body, key);

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/learn") { Content = ApiUnderTest.Json(body) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await http.SendAsync(request);
    }
}
