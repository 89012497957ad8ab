using System.Runtime.InteropServices;

namespace Sutra.Storage.Lifetime;

/// <summary>Lets threads that work for later give way to those that somebody waits for.</summary>
internal static partial class BackgroundThread
{
    // About a tenth of the time of a thread of a request, where there is not enough for both.
    private const int Nice = 10;

    private const int ProcessOrThread = 0;
    private const int Caller = 0;

    /// <summary>For the thread that calls it, for good. Where the system does not let it, nothing changes.</summary>
    public static void GiveWay()
    {
        // .NET does nothing with priorities on Linux, where each thread has a niceness of its own.
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(ProcessOrThread, Caller, Nice);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);
}
