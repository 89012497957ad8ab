using System.Diagnostics;
using System.Text;

namespace Sutra.Tests.Harness;

/// <summary>A program that a test runs: its output is gathered, and it ends with the test.</summary>
internal abstract class ChildProcess : IAsyncDisposable
{
    private readonly StringBuilder _output = new();

    /// <param name="start">What is to be run; its output is redirected.</param>
    protected ChildProcess(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Process = new Process { StartInfo = start };
        Process.OutputDataReceived += (_, line) => Keep(line.Data);
        Process.ErrorDataReceived += (_, line) => Keep(line.Data);
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    public Process Process { get; }

    /// <summary>All that it has printed so far, errors too.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Tries <paramref name="probe"/> until it does not throw; fails with the output when the program ends before, or the time.</summary>
    public async Task WaitForAsync(Func<Task> probe, TimeSpan? limit = null)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            if (Process.HasExited)
            {
                throw new InvalidOperationException($"{Process.StartInfo.FileName} ended with {Process.ExitCode}:\n{Output}");
            }

            try
            {
                await probe();
                return;
            }
            catch (Exception) when (started.Elapsed < (limit ?? TimeSpan.FromSeconds(60)))
            {
                await Task.Delay(50);
            }
            catch (Exception e)
            {
                throw new TimeoutException($"{Process.StartInfo.FileName} is not there in time: {e.Message}\n{Output}", e);
            }
        }
    }

    /// <summary>Asks it to end, and waits.</summary>
    public async Task StopAsync(int signal = Signal.Terminate)
    {
        if (!Process.HasExited)
        {
            Signal.Send(Process.Id, signal);
            await Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    /// <summary>kill -9, all that it started too.</summary>
    public void Kill()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
        }

        Process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        Process.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
