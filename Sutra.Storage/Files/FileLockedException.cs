namespace Sutra.Storage.Files;

/// <summary>Another process, or another engine in this one, holds the lock.</summary>
public sealed class FileLockedException(string message, Exception? inner = null) : IOException(message, inner);
