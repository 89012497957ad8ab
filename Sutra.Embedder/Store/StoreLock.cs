namespace Sutra.Embedder.Store;

/// <summary>
/// Locks between processes that share a store: files that are never deleted, locked through the kernel (flock, or sharing modes on Windows),
/// which lets go when a process ends, however it ends.
/// </summary>
internal static class StoreLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>The only holder; null when there is another holder of any kind.</summary>
    public static IDisposable? TryExclusive(string path) => TryOpen(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>One of several holders; null while there is an exclusive one.</summary>
    public static IDisposable? TryShared(string path)
    {
        if (!File.Exists(path))
        {
            TryExclusive(path)?.Dispose();
        }

        return TryOpen(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }

    public static async Task<IDisposable> ExclusiveAsync(string path, Action waiting, TimeProvider time, CancellationToken cancellation)
    {
        for (var told = false; ; told = true)
        {
            if (TryExclusive(path) is { } held)
            {
                return held;
            }

            if (!told)
            {
                waiting();
            }

            await Task.Delay(Poll, time, cancellation);
        }
    }

    private static FileStream? TryOpen(string path, FileMode mode, FileAccess access, FileShare share)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            return new FileStream(path, mode, access, share, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
