using System.Diagnostics;
using Sutra.Tests.EndToEnd;
using Sutra.Tests.Harness;

namespace Sutra.Tests.AppHost.Run;

[TestClass]
[TestCategory("Slow")]
public sealed class StopTests
{
    [TestMethod]
    [DataRow(Signal.Interrupt)]
    [DataRow(Signal.Terminate)]
    public async Task A_stop_ends_dependents_before_what_they_depend_on_and_leaves_nothing(int signal)
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start("family", $"--Folder={folder.Path}");
        await probe.MatchAsync("^Everything is up");
        var processes = probe.Descendants();
        Assert.IsGreaterThanOrEqualTo(6, processes.Count, "three shells, each with a child");

        probe.Send(signal);

        Assert.AreEqual(0, await probe.ExitAsync(), probe.Output);
        CollectionAssert.AreEqual(new[] { "front", "service", "database" }, await File.ReadAllLinesAsync(folder.File("ended")));
        await Probe.AssertGoneAsync(processes);
    }

    [TestMethod]
    public async Task A_killed_AppHost_takes_its_children_with_it()
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start("family", $"--Folder={folder.Path}");
        await probe.MatchAsync("^Everything is up");
        var processes = probe.Descendants();

        probe.Send(Signal.Kill);
        await probe.ExitAsync();

        await Probe.AssertGoneAsync(processes);
        Assert.HasCount(3, await File.ReadAllLinesAsync(folder.File("ended")), "each was asked to end, not killed at once");
    }

    [TestMethod]
    public async Task A_killed_AppHost_takes_even_a_child_with_it_that_ignores_signals()
    {
        await using var probe = Probe.Start("stubborn");
        await probe.MatchAsync("^Everything is up");
        var processes = probe.Descendants();

        probe.Send(Signal.Kill);
        await probe.ExitAsync();

        await Probe.AssertGoneAsync(processes);
    }

    [TestMethod]
    public async Task Who_does_not_end_within_its_grace_is_killed()
    {
        await using var probe = Probe.Start("stubborn", "--AppHost:StopGraceSeconds=0.5");
        await probe.MatchAsync("^Everything is up");
        var processes = probe.Descendants();

        probe.Send(Signal.Interrupt);

        Assert.AreEqual(0, await probe.ExitAsync());
        StringAssert.Contains(probe.Output, "stubborn > Stopped (signal 9 (SIGKILL))");
        await Probe.AssertGoneAsync(processes);
    }

    [TestMethod]
    public async Task A_second_Ctrl_C_ends_the_patience()
    {
        await using var probe = Probe.Start("stubborn", "--AppHost:StopGraceSeconds=60");
        await probe.MatchAsync("^Everything is up");

        probe.Send(Signal.Interrupt);
        await probe.MatchAsync("^Stopping");
        var clock = Stopwatch.StartNew();
        probe.Send(Signal.Interrupt);

        Assert.AreEqual(0, await probe.ExitAsync());
        Assert.IsLessThan(TimeSpan.FromSeconds(20), clock.Elapsed);
    }

    [TestMethod]
    public async Task The_end_of_the_process_that_started_it_is_its_end()
    {
        using var launcher = Process.Start("sleep", "1000")!;
        await using var probe = Probe.Start("stubborn", new Dictionary<string, string?> { ["ASPIRE_CLI_PID"] = $"{launcher.Id}" }, "--AppHost:StopGraceSeconds=0.5");
        await probe.MatchAsync("^Everything is up");
        var processes = probe.Descendants();

        launcher.Kill();
        await launcher.WaitForExitAsync();

        Assert.AreEqual(0, await probe.ExitAsync());
        await Probe.AssertGoneAsync(processes);
    }

    [TestMethod]
    public async Task A_killed_shell_does_not_leave_its_children()
    {
        using var folder = new TemporaryFolder();
        await using var probe = Probe.Start("family", $"--Folder={folder.Path}");
        var service = await probe.PidOfAsync("service");
        await probe.MatchAsync("^Everything is up");
        var children = ProcessTree.DescendantsOf(service);
        Assert.IsNotEmpty(children);

        Signal.Send(service, Signal.Kill);
        await probe.MatchAsync("^service  > Ended unexpectedly with signal 9");

        await Probe.AssertGoneAsync(children);
    }
}
