using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sutra.Cli.Lifecycle;

/// <summary>Asks processes to end.</summary>
internal static class Signals
{
    private const int Term = 15;

    /// <summary>SIGTERM; on Windows, which has none, the end of the process and its children.</summary>
    public static void Terminate(int pid)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(pid, Term);
            return;
        }

        KillTree(pid);
    }

    /// <summary>SIGKILL for the process and its children.</summary>
    public static void KillTree(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
