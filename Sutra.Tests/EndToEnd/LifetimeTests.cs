using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sutra.Tests.Harness;

namespace Sutra.Tests.EndToEnd;

/// <summary>Starting, stopping and starting again, with no Redis and no Postgres on the machine.</summary>
[TestClass]
[TestCategory("Slow")]
[DoNotParallelize]
public sealed class LifetimeTests
{
    [TestMethod]
    public async Task Embedded_parts_serve_and_survive_a_restart()
    {
        await using var sutra = await SutraSystem.StartAsync("embedded");
        var id = await sutra.LearnAsync("What is learnt before a stop is there after it.");

        Signal.Send(sutra.AppHost.Process.Id, Signal.Interrupt);
        await ExitAsync(sutra.AppHost);
        await sutra.RestartAsync("embedded");

        using var response = await sutra.Http.GetAsync($"/api/concepts/{id}");
        Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
        Assert.IsTrue(Directory.EnumerateFiles(sutra.StatePath, "*", SearchOption.AllDirectories).Any(file => file.Contains("audit", StringComparison.OrdinalIgnoreCase)));
    }

    [TestMethod]
    [DataRow(Signal.Interrupt)]
    [DataRow(Signal.Terminate)]
    [DataRow(Signal.Kill)]
    public async Task However_the_AppHost_ends_nothing_is_left(int signal)
    {
        await using var sutra = await SutraSystem.StartAsync("embedded");
        var children = ProcessTree.DescendantsOf(sutra.AppHost.Process.Id);
        Assert.IsGreaterThanOrEqualTo(4, children.Count);

        Signal.Send(sutra.AppHost.Process.Id, signal);
        await ExitAsync(sutra.AppHost);
        if (signal != Signal.Kill)
        {
            Assert.AreEqual(0, sutra.AppHost.Process.ExitCode, sutra.AppHost.Output);
        }

        var clock = Stopwatch.StartNew();
        while (children.Any(ProcessTree.IsAlive) && clock.Elapsed < TimeSpan.FromSeconds(15))
        {
            await Task.Delay(50);
        }

        Assert.AreEqual("", string.Join('\n', children.Where(ProcessTree.IsAlive).Select(ProcessTree.CommandLine)), "processes left behind");
        using var listener = new TcpListener(IPAddress.Loopback, sutra.Port);
        listener.Start();
    }

    private static Task ExitAsync(ServiceProcess process) => process.Process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
}
