using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Sutra.Api.Ingestion.Uploads;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Ingestion.Jobs.Embedded;

/// <summary>
/// Records in a file, one after the other: length and CRC-32C of the payload (4 bytes each, little-endian), payload. A record is on disk when
/// <see cref="Append"/> returns. What a crash left half written at the end is cut when it is opened; anything else that is wrong stops the start.
/// </summary>
internal sealed class Journal(string path) : IDisposable
{
    private const int HeadBytes = 8;

    private static ReadOnlySpan<byte> Magic => "SUTRAJ1\n"u8;

    private FileStream? _lock;
    private FileStream? _file;
    private long _length;

    public long Length => _length;

    /// <summary>Opens the file, and gives every record in it to <paramref name="apply"/>.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public void Open(Action<ReadOnlySpan<byte>> apply)
    {
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            _lock ??= PrivateFiles.Open($"{path}.lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            _file = PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The jobs' journal cannot be used: {e.Message}", e);
        }

        // Its first bytes are written and flushed before anything follows: less than that is a first start that was cut off.
        if (_file.Length < Magic.Length)
        {
            _file.SetLength(0);
            _file.Write(Magic);
            _file.Flush(flushToDisk: true);
            _length = Magic.Length;
            return;
        }

        Span<byte> magic = stackalloc byte[Magic.Length];
        _file.ReadExactly(magic);
        if (!magic.SequenceEqual(Magic))
        {
            throw new StartupException($"{path} is no journal of jobs.");
        }

        _length = Magic.Length + Replay(apply);
        _file.SetLength(_length);
    }

    public void Append(ReadOnlySpan<byte> payload)
    {
        var file = _file ?? throw new InvalidOperationException("The journal is not open.");
        file.Position = _length;
        try
        {
            Write(file, payload);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // Nobody is told that it is there: it must not come back.
            file.SetLength(_length);
            throw;
        }

        _length = file.Position;
    }

    /// <summary>Puts a shorter journal that says the same in place of this one.</summary>
    public void Replace(IEnumerable<byte[]> payloads)
    {
        var next = $"{path}.new";
        var file = PrivateFiles.Open(next, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            file.Write(Magic);
            foreach (var payload in payloads)
            {
                Write(file, payload);
            }

            file.Flush(flushToDisk: true);
            File.Move(next, path, overwrite: true);
            FolderFlush.Flush(Path.GetDirectoryName(path)!);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file!.Dispose();
        _file = file;
        _length = file.Position;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _lock?.Dispose();
    }

    private static void Write(FileStream file, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum(payload));
        file.Write(head);
        file.Write(payload);
    }

    /// <returns>Bytes of whole records.</returns>
    private long Replay(Action<ReadOnlySpan<byte>> apply)
    {
        var file = _file!;
        var left = file.Length - Magic.Length;
        var read = 0L;
        var head = new byte[HeadBytes];
        while (left >= HeadBytes)
        {
            file.ReadExactly(head);
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length <= 0 || length > left - HeadBytes)
            {
                return IsTail(length, left) ? read : throw Broken(read);
            }

            var payload = new byte[length];
            file.ReadExactly(payload);
            if (Checksum(payload) != BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)))
            {
                return left == HeadBytes + length ? read : throw Broken(read);
            }

            apply(payload);
            read += HeadBytes + length;
            left -= HeadBytes + length;
        }

        return read;
    }

    // A record that was cut off; or zeros, which is what a file system shows of blocks that were allotted and not written.
    private bool IsTail(int length, long left)
    {
        if (length > 0)
        {
            return true;
        }

        if (length < 0)
        {
            return false;
        }

        var rest = new byte[Math.Min(left - HeadBytes, 1 << 20)];
        _file!.ReadExactly(rest);
        return rest.AsSpan().IndexOfAnyExcept((byte)0) < 0;
    }

    private StartupException Broken(long read) => new($"The jobs' journal {path} is damaged at byte {Magic.Length + read}.");

    private static uint Checksum(ReadOnlySpan<byte> payload)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var last in payload[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, last);
        }

        return ~crc;
    }
}
