using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Orchestration;

/// <summary>Sees to it that no child outlives the AppHost: a shell that reads a pipe from it, or on Windows a job object.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Lock _lock = new();
    private Process? _shell;
    private WindowsJob? _job;

    public void Start()
    {
        if (OperatingSystem.IsWindows())
        {
            _job = WindowsJob.Create();
            return;
        }

        using var script = new StreamReader(typeof(Watchdog).Assembly.GetManifestResourceStream("watchdog.sh")!);
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        string[] command = [.. Programs.InOwnSession(), "/bin/sh", "-c", script.ReadToEnd(), "sutra-watchdog"];
        start.FileName = command[0];
        foreach (var word in command[1..])
        {
            start.ArgumentList.Add(word);
        }

        _shell = Process.Start(start)!;
        _shell.StandardInput.AutoFlush = true;
    }

    public void Add(Process process, ContainerInstance? container)
    {
        if (OperatingSystem.IsWindows())
        {
            _job?.Add(process);
            return;
        }

        Tell(string.Create(CultureInfo.InvariantCulture, $"+ {process.Id}"));
        if (container is not null)
        {
            Tell($"c {container.Runtime} {container.Name}");
        }
    }

    public void Remove(Process process, ContainerInstance? container)
    {
        Tell(string.Create(CultureInfo.InvariantCulture, $"- {process.Id}"));
        if (container is not null)
        {
            Tell($"d {container.Runtime} {container.Name}");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                // Closing the pipe is the signal; whatever is still in its books, it ends.
                _shell?.StandardInput.Dispose();
                _shell?.WaitForExit(TimeSpan.FromSeconds(10));
            }
            catch (IOException)
            {
                // It is gone already.
            }

            _shell?.Dispose();
            _shell = null;
            _job?.Dispose();
        }
    }

    private void Tell(string line)
    {
        lock (_lock)
        {
            try
            {
                _shell?.StandardInput.Write(line + "\n");
            }
            catch (IOException)
            {
                // Somebody killed the watchdog: nothing to be done but to go on without.
            }
        }
    }
}
