using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost;

/// <summary>Sutra's own AppHost: what it refuses, and what it says.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class SutraAppHostTests
{
    [TestMethod]
    [DataRow("Port", "eighty", "Sutra:Port is 'eighty'; it must be a whole number from 1 to 65535.")]
    [DataRow("Port", "70000", "Sutra:Port is '70000'")]
    [DataRow("EmbedderReplicas", "0", "Sutra:EmbedderReplicas is '0'")]
    [DataRow("Infrastructure", "cloud", "Sutra:Infrastructure is 'cloud'; it must be one of: auto, container, local, embedded.")]
    [DataRow("Target", "moon", "Sutra:Target is 'moon'; it must be one of: none, kubernetes, aca.")]
    [DataRow("StatePath", "/proc/nowhere", "The data folder /proc/nowhere/data cannot be made")]
    public async Task A_bad_value_is_one_line(string key, string value, string message)
    {
        using var state = new TemporaryFolder();
        await using var probe = Probe.StartSutra($"--Sutra:StatePath={state.Path}", $"--Sutra:Port={FreePort.Next()}", $"--Sutra:{key}={value}");

        Assert.AreEqual(1, await probe.ExitAsync(), probe.Output);

        Assert.HasCount(1, probe.Lines, probe.Output);
        StringAssert.Contains(probe.Output, message);
    }

    [TestMethod]
    public async Task A_taken_public_port_names_the_setting()
    {
        using var state = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var probe = Probe.StartSutra($"--Sutra:StatePath={state.Path}", $"--Sutra:Port={port}");

        Assert.AreEqual(1, await probe.ExitAsync(), probe.Output);

        Assert.HasCount(1, probe.Lines, probe.Output);
        StringAssert.Contains(probe.Output, $"Port {port}");
        StringAssert.Contains(probe.Output, "--Sutra:Port");
        Assert.IsFalse(File.Exists(Path.Combine(state.Path, "run", "apphost.pid")));
    }

    [TestMethod]
    public async Task Only_one_runs_on_a_state_folder_and_it_leaves_its_pid_there()
    {
        using var state = new TemporaryFolder();
        await using var first = Probe.StartSutra($"--Sutra:StatePath={state.Path}", $"--Sutra:Port={FreePort.Next()}", "--Sutra:Infrastructure=embedded");
        await first.MatchAsync(@"^storage +> Running");
        var pidFile = Path.Combine(state.Path, "run", "apphost.pid");
        Assert.AreEqual(first.Pid, int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture));
        StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(state.Path, "run", "infrastructure")), "audit: hash-chained file (as asked for)");

        await using var second = Probe.StartSutra($"--Sutra:StatePath={state.Path}", $"--Sutra:Port={FreePort.Next()}", "--Sutra:Infrastructure=embedded");
        Assert.AreEqual(1, await second.ExitAsync(), second.Output);
        StringAssert.Contains(second.Output, $"Another AppHost (process {first.Pid}) is already running");

        first.Send(Signal.Terminate);
        Assert.AreEqual(0, await first.ExitAsync(), first.Output);
        Assert.IsFalse(File.Exists(pidFile));
    }
}
