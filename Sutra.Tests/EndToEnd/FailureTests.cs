using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sutra.Tests.Harness;

namespace Sutra.Tests.EndToEnd;

/// <summary>One part after the other is taken away from the running whole.</summary>
[TestClass]
[TestCategory("Slow")]
[DoNotParallelize]
public sealed class FailureTests
{
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);
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
    public async Task Redis_frozen_learning_and_asking_go_on()
    {
        var redis = Single("redis-server");
        Signal.Send(redis, Signal.Stop);
        try
        {
            await s_sutra.LearnAsync("Redis is frozen while this sentence is learnt.");
            var found = await s_sutra.QueryAsync("what is learnt while redis is frozen");
            Assert.IsGreaterThan(0, found.GetProperty("evidence").GetArrayLength());
            await WaitForCacheAsync("Degraded");
        }
        finally
        {
            Signal.Send(redis, Signal.Continue);
        }

        await WaitForCacheAsync("Healthy");
    }

    [TestMethod]
    public async Task Postgres_frozen_answers_503_that_says_so_and_recovers()
    {
        var postgres = s_sutra.ProcessesOf("postgres");
        Assert.AreNotEqual(0, postgres.Count);
        postgres.ToList().ForEach(pid => Signal.Send(pid, Signal.Stop));
        try
        {
            using var response = await s_sutra.Http.PostAsJsonAsync("/api/learn", new { content = "Nothing un-audited is served." });
            var body = await response.Content.ReadAsStringAsync();
            Assert.AreEqual(HttpStatusCode.ServiceUnavailable, response.StatusCode, body);
            Assert.AreEqual("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            StringAssert.Contains(body, "audit");
        }
        finally
        {
            postgres.ToList().ForEach(pid => Signal.Send(pid, Signal.Continue));
        }

        await s_sutra.WaitForHealthAsync(200, TimeSpan.FromSeconds(15));
        await s_sutra.LearnAsync("Audit is back without a restart.");
    }

    [TestMethod]
    public async Task Embedder_frozen_turns_health_to_503_within_5_s_and_back_within_5_s()
    {
        var embedder = Single("Sutra.Embedder.dll");
        Signal.Send(embedder, Signal.Stop);
        try
        {
            await s_sutra.WaitForHealthAsync(503, FiveSeconds);
            var report = await s_sutra.HealthAsync();
            CollectionAssert.AreEqual(
                new[] { "embedder" },
                report.GetProperty("components").EnumerateArray()
                    .Where(component => component.GetProperty("status").GetString() == "Unhealthy")
                    .Select(component => component.GetProperty("name").GetString()).ToList(),
                report.GetRawText());
        }
        finally
        {
            Signal.Send(embedder, Signal.Continue);
        }

        await s_sutra.WaitForHealthAsync(200, FiveSeconds);
    }

    [TestMethod]
    public async Task Killed_services_are_restarted()
    {
        foreach (var program in new[] { "Sutra.Embedder.dll", "Sutra.Api.dll" })
        {
            Signal.Send(Single(program), Signal.Kill);
            await s_sutra.WaitForHealthAsync(503, FiveSeconds);
            await s_sutra.WaitForHealthAsync(200, TimeSpan.FromSeconds(30));
            await s_sutra.LearnAsync($"{program} came back.");
        }
    }

    [TestMethod]
    public async Task Storage_killed_in_the_middle_loses_nothing_that_was_acknowledged()
    {
        var acknowledged = new ConcurrentDictionary<string, string>();
        var next = 0;
        var kill = new TaskCompletionSource();
        var clients = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number and <= 200)
            {
                if (number == 90)
                {
                    kill.TrySetResult();
                }

                var content = $"Acknowledged concept number {number}: {Guid.NewGuid()}";
                using var response = await s_sutra.Http.PostAsJsonAsync("/api/learn", new { content });
                if (response.StatusCode == HttpStatusCode.Created)
                {
                    var body = await response.Content.ReadFromJsonAsync<JsonElement>();
                    acknowledged[body.GetProperty("concept_id").GetString()!] = content;
                }
                else
                {
                    Assert.AreEqual(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                }
            }
        }).ToArray();

        await kill.Task;
        Signal.Send(Single("Sutra.Storage.dll"), Signal.Kill);
        await Task.WhenAll(clients);
        await s_sutra.WaitForHealthAsync(200, TimeSpan.FromSeconds(30));

        Assert.IsGreaterThan(50, acknowledged.Count);
        foreach (var (id, content) in acknowledged)
        {
            var concept = await s_sutra.Http.GetFromJsonAsync<JsonElement>($"/api/concepts/{id}");
            Assert.AreEqual(content, concept.GetProperty("content").GetString());
        }
    }

    private static async Task WaitForCacheAsync(string status)
    {
        var last = "";
        await Api.ApiUnderTest.WaitUntilAsync(
            async () =>
            {
                var report = await s_sutra.HealthAsync();
                last = report.GetRawText();
                return report.GetProperty("components").EnumerateArray()
                    .Single(component => component.GetProperty("name").GetString() == "cache").GetProperty("status").GetString() == status;
            },
            TimeSpan.FromSeconds(15),
            () => $"the cache did not turn {status}: {last}");
    }

    private static int Single(string commandLinePart)
    {
        var found = s_sutra.ProcessesOf(commandLinePart);
        Assert.HasCount(1, found, $"one process of {commandLinePart}");
        return found[0];
    }
}
