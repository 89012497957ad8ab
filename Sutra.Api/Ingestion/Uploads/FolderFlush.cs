using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sutra.Api.Ingestion.Uploads;

// .NET opens no folders, so fsync of one needs the C library. Windows has no such call, and NTFS journals its names itself.
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4;

    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Retry(() => Open(folder, ReadOnly));
        if (descriptor < 0)
        {
            throw Failure("open", folder);
        }

        try
        {
            if (Retry(() => FSync(descriptor)) < 0)
            {
                throw Failure("flush", folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static int Retry(Func<int> call)
    {
        int result;
        do
        {
            result = call();
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return result;
    }

    private static IOException Failure(string verb, string folder)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Could not {verb} folder '{folder}': {new Win32Exception(error).Message}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
