namespace Sutra.Storage.Files;

/// <summary>An open file. Reads may run beside one writer.</summary>
public interface IStorageFile : IDisposable
{
    string Path { get; }

    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Bytes read: fewer than asked for only at the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all of it or throws; what a failed write left in the file is not known.</summary>
    void Write(ReadOnlySpan<byte> data, long offset);

    /// <summary>
    /// Returns when the file's bytes and length are on the disk. After a failure nothing is known of what was written since
    /// the last success, and a second flush that succeeds proves nothing: the kernel may have dropped the pages.
    /// </summary>
    void Flush();

    /// <summary>Cuts the file to <paramref name="length"/> bytes.</summary>
    void Truncate(long length);
}
