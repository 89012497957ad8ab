using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Api.Auditing;

[TestClass]
[TestCategory("Slow")]
public sealed class PostgresAuditTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
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
    public async Task Each_learn_and_query_leaves_its_record_before_it_is_answered_without_text()
    {
        await using var api = await StartApiAsync();
        using var activity = new Activity("test").Start();
        var id = await api.LearnAsync("xylophone content", new { xylophone = "xylophone" });
        await api.QueryAsync("xylophone question");
        var trace = activity.TraceId.ToHexString();
        CollectionAssert.AreEqual(
            new[] { "learn-intent:intended:", $"learn:created:{id}", $"query:ok:{id}" },
            (await s_postgres.QueryAsync(
                $"SELECT action || ':' || outcome || ':' || array_to_string(concept_ids, ',') FROM audit_records WHERE trace_id = '{trace}' ORDER BY recorded_at, id")).ToArray());
        var all = string.Join('\n', await s_postgres.QueryAsync("SELECT r::text FROM audit_records r"));
        Assert.DoesNotContain("xylophone", all);
        Assert.DoesNotContain("alice", all);
        CollectionAssert.AreEqual(
            new[] { "64" }, (await s_postgres.QueryAsync("SELECT DISTINCT length(caller_hash)::text FROM audit_records")).ToArray());
    }

    [TestMethod]
    public async Task Instances_that_start_together_make_the_table_once()
    {
        await s_postgres.QueryAsync("DROP TABLE IF EXISTS audit_records, audit_schema");
        var apis = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartApiAsync()));
        foreach (var api in apis)
        {
            await api.LearnAsync("Written by each.");
            await api.DisposeAsync();
        }

        CollectionAssert.AreEqual(new[] { "1" }, (await s_postgres.QueryAsync("SELECT version::text FROM audit_schema")).ToArray());
        Assert.HasCount(3, await s_postgres.QueryAsync("SELECT id::text FROM audit_records WHERE action = 'learn'"));
    }

    [TestMethod]
    public async Task Stopped_it_turns_everything_to_a_503_that_says_so_and_started_it_recovers_without_a_restart()
    {
        await using var api = await StartApiAsync();
        var id = await api.LearnAsync("Before.");
        await s_postgres.StopAsync();
        try
        {
            await AssertRefusedAsync(await api.Http.PostAsJsonAsync("/api/learn", new { content = "While it is away." }));
            await AssertRefusedAsync(await api.Http.PostAsJsonAsync("/api/query", new { query = "before" }));
            await AssertRefusedAsync(await api.Http.GetAsync($"/api/concepts/{id}"));
            await AssertRefusedAsync(await api.Http.DeleteAsync($"/api/concepts/{id}"));
            Assert.IsFalse(api.Storage.Service.Concepts.ContainsKey(FakeStorage.IdOf("While it is away.")), "nothing changes un-audited");
            Assert.IsTrue(api.Storage.Service.Concepts.ContainsKey(id));
            await api.WaitForHealthAsync(HttpStatusCode.ServiceUnavailable, Limit);
        }
        finally
        {
            await s_postgres.StartAgainAsync();
        }

        await api.WaitForHealthAsync(HttpStatusCode.OK, Limit);
        await api.LearnAsync("After.");
    }

    [TestMethod]
    public async Task Restarted_between_two_requests_it_is_not_noticed()
    {
        await using var api = await StartApiAsync();
        await api.LearnAsync("Before the restart.");
        await s_postgres.StopAsync();
        await s_postgres.StartAgainAsync();
        await api.LearnAsync("After the restart.");
    }

    [TestMethod]
    public async Task Killed_it_comes_back_with_every_record_that_was_answered_for()
    {
        await using var api = await StartApiAsync();
        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add(await api.LearnAsync($"Killed after this, round {i}."));
        }

        await s_postgres.StopAsync(Signal.Kill);
        await s_postgres.StartAgainAsync();
        var recorded = await s_postgres.QueryAsync("SELECT concept_ids[1] FROM audit_records WHERE action = 'learn'");
        CollectionAssert.IsSubsetOf(ids, recorded.ToList());
        await ApiUnderTest.WaitUntilAsync(
            async () => (await api.Http.PostAsJsonAsync("/api/learn", new { content = "After the kill." })).IsSuccessStatusCode,
            Limit,
            () => "audit did not recover");
    }

    [TestMethod]
    public async Task Frozen_it_is_given_up_on_in_time_and_recovers()
    {
        await using var api = await StartApiAsync();
        await api.LearnAsync("Before the frost.");
        var pids = ProcessTree(s_postgres.Pid);
        pids.ForEach(pid => Signal.Send(pid, Signal.Stop));
        try
        {
            var clock = Stopwatch.StartNew();
            await AssertRefusedAsync(await api.Http.PostAsJsonAsync("/api/learn", new { content = "In the frost." }));
            Assert.IsLessThan(15, clock.Elapsed.TotalSeconds);
            clock.Restart();
            await AssertRefusedAsync(await api.Http.PostAsJsonAsync("/api/query", new { query = "before the frost" }));
            Assert.IsLessThan(2, clock.Elapsed.TotalSeconds, "known to be away: refused at once");
        }
        finally
        {
            pids.ForEach(pid => Signal.Send(pid, Signal.Continue));
        }

        await api.WaitForHealthAsync(HttpStatusCode.OK, Limit);
        await api.LearnAsync("After the frost.");
    }

    [TestMethod]
    public async Task Absent_at_the_start_it_is_waited_for()
    {
        await s_postgres.StopAsync();
        ApiUnderTest? api = null;
        try
        {
            api = await StartApiAsync();
            await AssertRefusedAsync(await api.Http.PostAsJsonAsync("/api/query", new { query = "too early" }));
            using var http = api.Anonymous();
            Assert.AreEqual(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/ready")).StatusCode);
        }
        finally
        {
            await s_postgres.StartAgainAsync();
        }

        await using (api)
        {
            await api.WaitForHealthAsync(HttpStatusCode.OK, Limit);
            await api.QueryAsync("now");
            using var http = api.Anonymous();
            await ApiUnderTest.WaitUntilAsync(async () => (await http.GetAsync("/ready")).IsSuccessStatusCode, Limit, () => "not ready");
        }
    }

    [TestMethod]
    public async Task A_changed_password_is_taken_over_and_the_password_is_nowhere_to_be_seen()
    {
        await s_postgres.StopAsync();
        await s_postgres.StartAgainAsync("it's \"another\" \\ one");
        Assert.HasCount(1, await s_postgres.QueryAsync("SELECT 1"));
        Assert.DoesNotContain("another", s_postgres.Output.Replace("taking the new one over", "", StringComparison.Ordinal));
        foreach (var pid in ProcessTree(s_postgres.Pid))
        {
            try
            {
                Assert.DoesNotContain("another", await File.ReadAllTextAsync($"/proc/{pid}/cmdline"));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
    }

    private static Task<ApiUnderTest> StartApiAsync() => ApiUnderTest.StartAsync(("ConnectionStrings:audit", s_postgres.ConnectionString));

    private static async Task AssertRefusedAsync(HttpResponseMessage response)
    {
        var problem = await ApiUnderTest.ProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        Assert.AreEqual("audit_unavailable", problem.GetProperty("code").GetString());
        StringAssert.Contains(problem.GetProperty("detail").GetString(), "audit trail is unavailable");
        response.Dispose();
    }

    private static List<int> ProcessTree(int root)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0)
            .Select(pid => (pid, parent: Parent(pid)))
            .ToList();
        var tree = new List<int> { root };
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(children.Where(child => child.parent == tree[i]).Select(child => child.pid));
        }

        return tree;

        static int Parent(int pid)
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }
}
