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
        await using var state = new State();
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);

        var up = await RunAsync(state, "up", "-d", "--port", port);
        Assert.AreEqual(0, up.ExitCode, up.Output);
        StringAssert.Contains(up.Output, $"http://localhost:{port}/");
        var key = (await File.ReadAllTextAsync(state.File("first-key"))).Trim();
        Assert.DoesNotContain(key, up.Output, "a pipe may lead to a log");
        StringAssert.Contains(up.Output, $"Your first API key is in {state.File("first-key")}");
        StringAssert.Contains(up.Output, $"KEY=$(cat '{state.File("first-key")}')");
        StringAssert.Contains(up.Output, "-H \"Authorization: Bearer $KEY\"");
        Assert.DoesNotContain(key, await File.ReadAllTextAsync(state.File("logs/apphost.log")), "what is shown is not kept in a log");
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

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_terminal_gets_the_first_key_at_the_first_start_and_never_again()
    {
        if (ExternalProgram.Find("script") is null || OperatingSystem.IsMacOS())
        {
            Assert.Inconclusive("There is no script (util-linux), which would be the terminal.");
        }

        await using var state = new State();
        var up = $"dotnet '{Repository.Program("Sutra.Cli", "sutra")}' up -d --port {FreePort.Next()}";

        var first = await RunAsync(state, "script", "-q", "-e", "-c", up, "/dev/null");
        Assert.AreEqual(0, first.ExitCode, first.Output);
        var key = (await File.ReadAllTextAsync(state.File("first-key"))).Trim();
        Assert.HasCount(2, first.Output.Split(key), "the first key is shown once");
        StringAssert.Contains(first.Output, $"KEY={key}");
        Assert.AreEqual(0, (await RunAsync(state, "down")).ExitCode);

        var second = await RunAsync(state, "script", "-q", "-e", "-c", up, "/dev/null");
        Assert.AreEqual(0, second.ExitCode, second.Output);
        Assert.DoesNotContain(key, second.Output);
        StringAssert.Contains(second.Output, $"KEY=$(cat '{state.File("first-key")}')");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(State state, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["Sutra__StatePath"] = state.Path, ["SUTRA_INFRASTRUCTURE"] = "embedded" };
        await using var cli = arguments[0] == "script"
            ? ServiceProcess.StartProgram("script", environment, arguments[1..])
            : ServiceProcess.Start(Repository.Program("Sutra.Cli", "sutra"), environment, arguments);
        await cli.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        cli.Process.WaitForExit();
        return (cli.Process.ExitCode, cli.Output);
    }

    /// <summary>A state folder that nothing runs in any more when the test has ended, well or not.</summary>
    private sealed class State : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string Path => _folder.Path;

        public string File(string name) => _folder.File(name);

        public async ValueTask DisposeAsync()
        {
            await RunAsync(this, "down");
            _folder.Dispose();
        }
    }
}
