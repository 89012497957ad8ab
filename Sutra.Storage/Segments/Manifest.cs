using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>A segment that belongs to the data, and the file that says which of its rows do not.</summary>
/// <param name="Number">Of the segment.</param>
/// <param name="Length">Bytes of its file.</param>
/// <param name="Deletions">Number of the file of its removed rows; 0 when it has none.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct SegmentReference(ulong Number, long Length, ulong Deletions);

/// <summary>
/// Which segments are the data, up to which record. Everything after that record is in the log.
/// </summary>
/// <param name="Generation">One more than the manifest before it.</param>
/// <param name="LogId">Of the log that goes on from it.</param>
/// <param name="Checkpoint">The sequence number of the last record that the segments hold.</param>
/// <param name="NextNumber">No file has this number or a higher one.</param>
internal sealed record Manifest(ulong Generation, Guid LogId, ulong Checkpoint, ulong NextNumber, IReadOnlyList<SegmentReference> Segments)
{
    private const int HeadSize = 64;
    private const int ReferenceSize = 24;
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "SUTRAMAN"u8;

    public static Manifest Empty(Guid logId) => new(0, logId, 0, 1, []);

    public byte[] Write()
    {
        var bytes = new byte[HeadSize + Segments.Count * ReferenceSize + sizeof(uint)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Segments.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Generation);
        LogId.TryWriteBytes(bytes.AsSpan(24), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), Checkpoint);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), NextNumber);
        for (var i = 0; i < Segments.Count; i++)
        {
            var entry = bytes.AsSpan(HeadSize + i * ReferenceSize);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, Segments[i].Number);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], Segments[i].Length);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], Segments[i].Deletions);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Crc32C.Compute(bytes.AsSpan(0, bytes.Length - sizeof(uint))));
        return bytes;
    }

    /// <summary>Null when these are not the bytes of a whole manifest.</summary>
    /// <exception cref="SegmentCorruptException">They are of a version unknown here.</exception>
    public static Manifest? Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length < HeadSize + sizeof(uint)
            || !bytes.StartsWith(Magic)
            || Crc32C.Compute(bytes[..^sizeof(uint)]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]))
        {
            return null;
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new SegmentCorruptException($"'{file}' has manifest format {version}; this program reads format {Version}.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (count < 0 || bytes.Length != HeadSize + (long)count * ReferenceSize + sizeof(uint))
        {
            return null;
        }

        var segments = new SegmentReference[count];
        for (var i = 0; i < count; i++)
        {
            var entry = bytes[(HeadSize + i * ReferenceSize)..];
            segments[i] = new SegmentReference(
                BinaryPrimitives.ReadUInt64LittleEndian(entry),
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]));
        }

        return new Manifest(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            new Guid(bytes.Slice(24, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]),
            segments);
    }
}
