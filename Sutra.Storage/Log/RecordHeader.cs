using System.Buffers.Binary;

namespace Sutra.Storage.Log;

/// <summary>
/// The 24 bytes before a record's payload. <see cref="GroupPosition"/> is the record's place in the group that was written and
/// flushed at once: the group before it was on the disk when this record was written, which tells a torn tail from corruption.
/// </summary>
internal readonly record struct RecordHeader(uint Checksum, int PayloadLength, ulong Sequence, uint GroupPosition, RecordType Type)
{
    public const int Size = 24;

    /// <summary>A sanity bound on lengths read from disk, and on records written. 16 MiB.</summary>
    public const int MaxPayload = 16 * 1024 * 1024;

    /// <summary>The first sequence number of the record's group.</summary>
    public ulong GroupStart => Sequence - GroupPosition;

    public int Length => Size + PayloadLength;

    /// <summary>Frames a payload that already stands in <paramref name="record"/> after room for the header.</summary>
    public static void Write(Span<byte> record, uint seed, ulong sequence, uint groupPosition, RecordType type)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[4..], record.Length - Size);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], groupPosition);
        record[20] = (byte)type;
        record[21..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, Crc32C.Append(seed, record[4..]));
    }

    /// <summary>False: no record can start with these bytes. True says nothing of the checksum yet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        header = default;
        if (source.Length < Size)
        {
            return false;
        }

        header = new RecordHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(source),
            BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            (RecordType)source[20]);
        return header.PayloadLength is >= 0 and <= MaxPayload
            && header.Type is >= RecordType.Learn and <= RecordType.Erase
            && (source[21] | source[22] | source[23]) == 0
            && header.GroupPosition < header.Sequence;
    }

    /// <summary>Whether <paramref name="record"/>, header included, is what was written.</summary>
    public bool Matches(ReadOnlySpan<byte> record, uint seed) =>
        record.Length == Length && Crc32C.Append(seed, record[4..]) == Checksum;
}
