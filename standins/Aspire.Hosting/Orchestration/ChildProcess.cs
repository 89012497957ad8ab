using System.ComponentModel;
using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>A started process in a session of its own: the terminal's Ctrl-C does not reach it, the AppHost decides when it ends.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>DCP does not pass these on: they are about the AppHost itself.</summary>
    private static readonly string[] s_notInherited =
        ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPIRE_LOGLEVEL"];

    private readonly Process _process;
    private readonly Watchdog _watchdog;
    private readonly LaunchPlan _plan;
    private Task _output = Task.CompletedTask;

    private ChildProcess(Process process, LaunchPlan plan, Watchdog watchdog)
    {
        _process = process;
        _plan = plan;
        _watchdog = watchdog;
        Id = process.Id;
        _watchdog.Add(process, plan.Container);
        process.StandardInput.Close();
    }

    public int Id { get; }

    /// <exception cref="DistributedApplicationException">It cannot be started.</exception>
    public static ChildProcess Start(LaunchPlan plan, Watchdog watchdog)
    {
        var command = Programs.Find(plan.Command, plan.WorkingDirectory)
            ?? throw new DistributedApplicationException($"the program '{plan.Command}' was not found");
        if (!Directory.Exists(plan.WorkingDirectory))
        {
            throw new DistributedApplicationException($"the working directory {plan.WorkingDirectory} does not exist");
        }

        var start = new ProcessStartInfo
        {
            WorkingDirectory = plan.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in (IEnumerable<string>)[.. Programs.InOwnSession(), command, .. plan.Arguments])
        {
            if (start.FileName.Length == 0)
            {
                start.FileName = word;
            }
            else
            {
                start.ArgumentList.Add(word);
            }
        }

        foreach (var name in s_notInherited)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new ChildProcess(Process.Start(start)!, plan, watchdog);
        }
        catch (Win32Exception e)
        {
            throw new DistributedApplicationException($"'{command}' cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Passes on what the process writes, line by line.</summary>
    public void ReadOutput(Action<string> line) => _output = Task.WhenAll(PumpAsync(_process.StandardOutput, line), PumpAsync(_process.StandardError, line));

    /// <summary>The exit code, once the process and what it left behind in its session have ended.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await EndLeftoversAsync().ConfigureAwait(false);
        _watchdog.Remove(_process, _plan.Container);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end; after <paramref name="grace"/>, or when <paramref name="hurry"/> is cancelled, it is killed.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time, CancellationToken hurry)
    {
        Signal(UnixSignals.Terminate);
        using var timeout = new CancellationTokenSource(grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, hurry);
        try
        {
            await _process.WaitForExitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Signal(UnixSignals.Kill);
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task PumpAsync(StreamReader reader, Action<string> line)
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } text)
            {
                line(text);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe was closed under us: the process is being killed.
        }
    }

    private void Signal(int signal)
    {
        if (!OperatingSystem.IsWindows())
        {
            UnixSignals.SendToGroup(Id, signal);
        }
        else if (!_process.HasExited)
        {
            // No gentle way that reaches every kind of program.
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>A program that ends without its own children must not leave them, nor the ports that they hold.</summary>
    private async Task EndLeftoversAsync()
    {
        if (!OperatingSystem.IsWindows() && UnixSignals.GroupExists(Id))
        {
            UnixSignals.SendToGroup(Id, UnixSignals.Terminate);
            for (var i = 0; i < 50 && UnixSignals.GroupExists(Id); i++)
            {
                await Task.Delay(20).ConfigureAwait(false);
            }

            UnixSignals.SendToGroup(Id, UnixSignals.Kill);
        }

        if (_plan.Container is { } container)
        {
            await ContainerRuntime.RemoveAsync(container).ConfigureAwait(false);
        }

        // Its last words; a grandchild that kept the pipe must not hold us up.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromMilliseconds(500))).ConfigureAwait(false);
    }
}
