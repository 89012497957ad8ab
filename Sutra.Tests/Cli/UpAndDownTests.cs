using System.Globalization;
using Sutra.Tests.EndToEnd;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Cli;

/// <summary>The whole life of a checkout's Sutra through the command line, with the embedded parts and its own state folder.</summary>
[TestClass]
public sealed class UpAndDownTests
{
    [TestMethod]
    [TestCategory("Slow")]
    public async Task Up_in_the_background_serves_until_down_leaves_nothing()
    {
        using var state = new TemporaryFolder();
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);

        var up = await RunAsync(state, "up", "-d", "--port", port);
        Assert.AreEqual(0, up.ExitCode, up.Output);
        StringAssert.Contains(up.Output, $"http://localhost:{port}/");
        var appHost = int.Parse(await File.ReadAllTextAsync(state.File("run/apphost.pid")), CultureInfo.InvariantCulture);

        var again = await RunAsync(state, "up", "-d");
        Assert.AreEqual(0, again.ExitCode, again.Output);
        StringAssert.Contains(again.Output, $"already up at http://localhost:{port}/ (process {appHost})");

        var status = await RunAsync(state, "status");
        Assert.AreEqual(0, status.ExitCode, status.Output);
        StringAssert.Contains(status.Output, "storage");
        StringAssert.Contains(status.Output, "audit: hash-chained file");

        var down = await RunAsync(state, "down");
        Assert.AreEqual(0, down.ExitCode, down.Output);
        Assert.IsFalse(ProcessTree.IsAlive(appHost));

        Assert.AreEqual(1, (await RunAsync(state, "status")).ExitCode);
        StringAssert.Contains((await RunAsync(state, "down")).Output, "not up");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(TemporaryFolder state, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["Sutra__StatePath"] = state.Path, ["SUTRA_INFRASTRUCTURE"] = "embedded" };
        await using var cli = ServiceProcess.Start(Repository.Program("Sutra.Cli", "sutra"), environment, arguments);
        await cli.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        cli.Process.WaitForExit();
        return (cli.Process.ExitCode, cli.Output);
    }
}
