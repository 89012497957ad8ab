using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Sutra.Embedder.Store;

/// <summary>Makes a folder's names durable. .NET opens no folders, so this asks the C library; Windows has no such call, and NTFS journals its names.</summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"Could not open folder '{folder}': {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        try
        {
            if (FSync(descriptor) < 0)
            {
                throw new IOException($"Could not flush folder '{folder}': {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
