using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration;

internal static partial class UnixSignals
{
    public const int None = 0;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Signals the process group that <paramref name="process"/> leads, or the process alone while it leads none; false: there is neither.</summary>
    public static bool SendToGroup(int process, int signal) => kill(-process, signal) == 0 || kill(process, signal) == 0;

    public static bool GroupExists(int process) => kill(-process, None) == 0;

    public static bool Exists(int process) => kill(process, None) == 0 || Marshal.GetLastPInvokeError() == 1 /* EPERM: it is another user's */;

    /// <summary>How .NET reports an end by signal: 128 and the signal's number.</summary>
    public static string Describe(int exitCode) => exitCode switch
    {
        128 + 2 => "signal 2 (SIGINT)",
        128 + 6 => "signal 6 (SIGABRT)",
        128 + 9 => "signal 9 (SIGKILL)",
        128 + 11 => "signal 11 (SIGSEGV)",
        128 + 15 => "signal 15 (SIGTERM)",
        _ => $"exit code {exitCode}",
    };

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int sig);
}
