using System.Buffers.Binary;

namespace Sutra.Storage.Log;

/// <summary>The first 64 bytes of a segment; docs/storage.md has the table.</summary>
internal readonly record struct SegmentHeader(Guid LogId, ulong FirstSequence)
{
    public const int Size = 64;
    public const uint Version = 1;

    private const int ChecksumOffset = Size - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "SUTRALOG"u8;

    /// <summary>Segments sort by name because they are named by their first sequence number.</summary>
    public static string FileName(ulong firstSequence) => $"{firstSequence:x16}.log";

    public void Write(Span<byte> target)
    {
        target[..Size].Clear();
        Magic.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Size);
        LogId.TryWriteBytes(target[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumOffset..], Crc32C.Compute(target[..ChecksumOffset]));
    }

    /// <exception cref="LogCorruptException">Not a header that this program reads.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> source, string file)
    {
        if (source.Length < Size || !source.StartsWith(Magic))
        {
            throw new LogCorruptException($"'{file}' is not a segment of a Sutra log (no header).");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        if (version != Version)
        {
            throw new LogCorruptException($"'{file}' has log format {version}; this program reads format {Version}.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Crc32C.Compute(source[..ChecksumOffset]))
        {
            throw new LogCorruptException($"The header of '{file}' is corrupt (checksum).");
        }

        return new SegmentHeader(new Guid(source.Slice(16, 16), bigEndian: true), BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
    }

    /// <summary>What the checksum of every record starts from: a record of another log never passes for one of this.</summary>
    public static uint RecordSeed(Guid logId)
    {
        Span<byte> bytes = stackalloc byte[16];
        logId.TryWriteBytes(bytes, bigEndian: true, out _);
        return Crc32C.Compute(bytes);
    }
}
