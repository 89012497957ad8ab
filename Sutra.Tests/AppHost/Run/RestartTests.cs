using System.Globalization;
using System.Text.RegularExpressions;
using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Run;

[TestClass]
[TestCategory("Slow")]
public sealed class RestartTests
{
    [TestMethod]
    public async Task A_crashed_service_is_started_again_after_pauses_that_double()
    {
        await using var probe = Probe.Start("crash", "--AppHost:Restart:FirstDelaySeconds=0.2");

        await probe.MatchAsync(@"^fragile > Ended unexpectedly with exit code 3 .* restart 4 in");

        var pauses = Regex.Matches(probe.Output, @"^fragile > Ended .* restart \d in (?<pause>[\d.]+) s", RegexOptions.Multiline)
            .Select(m => double.Parse(m.Groups["pause"].Value, CultureInfo.InvariantCulture))
            .ToArray();
        for (var i = 0; i < 4; i++)
        {
            var nominal = 0.2 * Math.Pow(2, i);
            Assert.IsTrue(pauses[i] >= (nominal * 0.8) - 0.06 && pauses[i] <= (nominal * 1.2) + 0.06, $"pause {i + 1} was {pauses[i]} s");
        }

        Assert.AreEqual(1, probe.Lines.Count(l => l.StartsWith("steady  > Running", StringComparison.Ordinal)), "nobody else was restarted");
    }

    [TestMethod]
    public async Task The_same_seed_gives_the_same_pauses()
    {
        var pauses = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await using var probe = Probe.Start("crash", "--AppHost:Restart:FirstDelaySeconds=1", "--AppHost:Restart:Seed=7");
            pauses.Add((await probe.MatchAsync(@"restart 1 in ([\d.]+) s")).Groups[1].Value);
        }

        Assert.AreEqual(pauses[0], pauses[1]);
    }

    [TestMethod]
    public async Task A_service_that_ran_well_starts_over_with_the_first_pause()
    {
        await using var probe = Probe.Start("crash", "--AppHost:Restart:FirstDelaySeconds=0.1", "--AppHost:Restart:WellAfterSeconds=0.000001");

        await probe.MatchAsync(@"(?s)(restart 1 in.*){3}");

        Assert.DoesNotContain("restart 2 in", probe.Output);
    }

    [TestMethod]
    public async Task A_killed_replica_is_replaced_while_the_others_serve()
    {
        await using var probe = Probe.Start("replicas", "--AppHost:Restart:FirstDelaySeconds=0.3");
        var address = await probe.AddressOfAsync("web");
        var first = await probe.PidOfAsync("web/1");

        Signal.Send(first, Signal.Kill);
        await probe.MatchAsync(@"^web/1 > Ended unexpectedly with signal 9");
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false });
        for (var i = 0; i < 6; i++)
        {
            Assert.AreNotEqual($"{first}", await http.GetStringAsync(address));
        }

        await probe.MatchAsync(@"(?s)^web/1 > Ended.*^web/1 > Running");
    }

    [TestMethod]
    public async Task Connections_go_round_all_replicas()
    {
        await using var probe = Probe.Start("replicas");
        var address = await probe.AddressOfAsync("web");

        var seen = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            seen.Add(await http.GetStringAsync(address));
        }

        var expected = new[] { await probe.PidOfAsync("web/1"), await probe.PidOfAsync("web/2"), await probe.PidOfAsync("web/3") };
        CollectionAssert.AreEquivalent(expected.Select(pid => $"{pid}").ToArray(), seen.ToArray());
    }

    [TestMethod]
    public async Task A_server_that_ends_by_itself_is_started_again_even_when_it_says_all_is_well()
    {
        await using var probe = Probe.Start("replicas");
        var address = await probe.AddressOfAsync("web");

        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        try
        {
            await http.GetStringAsync(new Uri(address, "exit/0"));
        }
        catch (HttpRequestException)
        {
            // It ended before it answered.
        }

        await probe.MatchAsync(@"(?s)^web/(\d) > Ended unexpectedly with exit code 0.*^web/\1 > Running");
    }
}
