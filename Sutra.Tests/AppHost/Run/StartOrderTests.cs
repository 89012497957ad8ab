using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Run;

[TestClass]
[TestCategory("Slow")]
public sealed class StartOrderTests
{
    [TestMethod]
    public async Task A_resource_starts_when_what_it_waits_for_is_healthy()
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start("waits", $"--Folder={folder.Path}");

        await probe.MatchAsync("^Everything is up");
        await probe.MatchAsync(@"^second \| file is there");

        var lines = probe.Lines;
        var healthy = Array.FindIndex(lines, l => l == "first  > Healthy");
        Assert.IsGreaterThan(healthy, Array.FindIndex(lines, l => l.StartsWith("second > Running", StringComparison.Ordinal)), probe.Output);
        Assert.IsLessThan(healthy, Array.FindIndex(lines, l => l.StartsWith("free   > Running", StringComparison.Ordinal)), probe.Output);
        CollectionAssert.Contains(lines, "second > Waiting for first");
    }

    [TestMethod]
    public async Task Every_line_of_either_stream_carries_the_name_of_its_resource()
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start("waits", $"--Folder={folder.Path}");

        await probe.MatchAsync(@"^third  \| and here$");

        CollectionAssert.IsSubsetOf(new[] { "third  | here", "free   | at once" }, probe.Lines);
    }

    [TestMethod]
    public async Task Who_waits_for_a_job_starts_after_it_ended_well_and_fails_after_it_ended_badly()
    {
        await using var probe = Probe.Start("job");

        await probe.MatchAsync("^after  > FailedToStart: .*'broken'.*exit code 7");
        await probe.MatchAsync("^job    > Finished");

        Assert.DoesNotContain("after  | ran", probe.Output);
        Assert.AreEqual(1, probe.Lines.Count(l => l.StartsWith("broken > Running", StringComparison.Ordinal)), "a job is not started again");
    }

    [TestMethod]
    public async Task A_program_that_does_not_exist_fails_by_its_name()
    {
        await using var probe = Probe.Start("unknown-program");

        await probe.MatchAsync("^ghost > FailedToStart: the program 'no-such-program-anywhere' was not found");
    }

    [TestMethod]
    public async Task A_taken_port_is_one_line_and_nothing_was_started()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        await using var probe = Probe.Start("taken", $"--Taken={port}");

        Assert.AreEqual(1, await probe.ExitAsync());

        Assert.HasCount(1, probe.Lines, probe.Output);
        StringAssert.Contains(probe.Lines[0], $"Port {port} for the endpoint 'http' of 'server' is taken");
    }

    [TestMethod]
    public async Task A_missing_parameter_is_one_line_that_says_how_to_set_it()
    {
        await using var probe = Probe.Start("missing");

        Assert.AreEqual(1, await probe.ExitAsync());

        Assert.HasCount(1, probe.Lines, probe.Output);
        StringAssert.Contains(probe.Lines[0], "Parameters__needed");
    }

    [TestMethod]
    public async Task A_generated_secret_is_kept_for_the_next_start_and_for_its_owner_only()
    {
        using var home = new TemporaryFolder();
        var environment = new Dictionary<string, string?> { ["HOME"] = home.Path };
        var kept = new List<string>();
        var fresh = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await using var probe = Probe.Start("parameters", environment);
            kept.Add((await probe.MatchAsync(@"^teller \| kept=([A-Za-z0-9]{30})$")).Groups[1].Value);
            fresh.Add((await probe.MatchAsync(@"^teller \| fresh=(.{30})$")).Groups[1].Value);
        }

        Assert.AreEqual(kept[0], kept[1]);
        Assert.AreNotEqual(fresh[0], fresh[1]);
        var file = Directory.EnumerateFiles(home.Path, "secrets.json", SearchOption.AllDirectories).Single();
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [TestMethod]
    public async Task A_configured_parameter_wins_over_a_generated_one()
    {
        await using var probe = Probe.Start("parameters", new Dictionary<string, string?> { ["Parameters__kept"] = "chosen" });

        await probe.MatchAsync(@"^teller \| kept=chosen$");
    }
}
