using System.Diagnostics;
using System.Text;

namespace Sutra.Tests.Harness;

/// <summary>A server that one of the scripts in eng/infra runs, as the AppHost would run it.</summary>
internal sealed class InfrastructureProcess : IAsyncDisposable
{
    private readonly StringBuilder _output = new();

    private InfrastructureProcess(Process process)
    {
        Process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Process Process { get; }

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

    public static InfrastructureProcess Start(string script, string folder, int port, string passwordVariable, string password)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "eng", "infra", script))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        start.Environment[passwordVariable] = password;
        return new InfrastructureProcess(new Process { StartInfo = start });
    }

    public async Task WaitForAsync(Func<Task> probe)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            if (Process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {Process.ExitCode}:\n{Output}");
            }

            try
            {
                await probe();
                return;
            }
            catch (Exception) when (started.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(100);
            }
        }
    }

    public async Task StopAsync(int signal = Signal.Terminate)
    {
        if (!Process.HasExited)
        {
            Signal.Send(Process.Id, signal);
            await Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
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
