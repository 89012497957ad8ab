using System.Runtime.InteropServices;

namespace Sutra.Tests.Harness;

/// <summary>POSIX signals.</summary>
internal static partial class Signal
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    public static int Continue => OperatingSystem.IsMacOS() ? 19 : 18;

    public static int Stop => OperatingSystem.IsMacOS() ? 17 : 19;

    public static void Send(int pid, int signal) => _ = SendSignal(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
