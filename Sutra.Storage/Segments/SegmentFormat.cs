using System.Globalization;
using System.Runtime.InteropServices;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

// The structures of a segment file as they lie in it; docs/storage.md has the tables. Little-endian, as every platform that .NET 10 runs on.

/// <summary>The first 64 bytes of a segment file. Written last: a file without it was never finished.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct SegmentFileHeader
{
    public const int Size = 64;
    public const uint CurrentVersion = 2;

    // "SUTRASEG" read as a little-endian number.
    public const ulong ExpectedMagic = 0x4745_5341_5254_5553;

    public ulong Magic;
    public uint Version;
    public uint Sections;
    public Guid LogId;
    public ulong Number;
    public ulong TableOffset;
    public uint TableChecksum;
    public uint Rows;
    public uint Reserved;
    public uint Checksum;

    public static uint ChecksumOf(SegmentFileHeader header)
    {
        header.Checksum = 0;
        return Crc32C.Compute(MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentFileHeader>(in header)));
    }
}

internal enum SectionKind : ushort
{
    /// <summary>The payloads of the concepts' learn records, one after the other, sealed one by one or not. Checked row by row, when read.</summary>
    Payloads = 1,

    /// <summary>A <see cref="RowEntry"/> a concept.</summary>
    Rows = 2,

    /// <summary>An <see cref="IdEntry"/> a concept, in the order of ids.</summary>
    Ids = 3,

    /// <summary>The name of the section's model, UTF-8.</summary>
    Model = 4,

    /// <summary>uint32 a slot: its row; <see cref="RowEntry.None"/> where only the graph still needs the vector.</summary>
    RowOfSlot = 5,

    /// <summary>The image of the model's graph, without vectors; docs/vector-index.md.</summary>
    Graph = 6,

    /// <summary>float32 unit vectors, padded rows. Checked row by row, when read.</summary>
    Vectors = 7,

    /// <summary>uint32 a slot: the checksum of its vector.</summary>
    VectorChecksums = 8,

    /// <summary>Of a linked graph: what its links are worth. Read, and checked, only by a merge that builds on it.</summary>
    Worths = 9,

    /// <summary>The lexical index of the contents, by row; docs/lexical-index.md. Its entry's flags are the language.</summary>
    Lexical = 10,

    /// <summary>Metadata and owners by value, and times of learning, by row; docs/filters.md.</summary>
    Filters = 11,

    /// <summary>Entities and links, by row; docs/associations.md.</summary>
    Associations = 12,

    /// <summary>uint64 a key that sealed payloads, each once; missing when none is sealed.</summary>
    Keys = 13,
}

/// <summary>Where a section is. Sections begin at multiples of <see cref="Alignment"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct SectionEntry
{
    public const int Size = 32;
    public const int Alignment = 4096;

    public SectionKind Kind;

    /// <summary>Which of the segment's models it belongs to, from 0; 0 where it belongs to none.</summary>
    public ushort Part;

    /// <summary>Of a graph: 1 when its vectors are linked, 0 when it is to be scanned. Of a lexical index: the language.</summary>
    public uint Flags;
    public long Offset;
    public long Length;

    /// <summary>Of the whole section as it is on the disk, padding excluded. 0 for sections that are checked row by row.</summary>
    public uint Checksum;

    /// <summary>1: it is a sealed section (docs/encryption.md), its number there is its place in the table, from 1.</summary>
    public uint Sealed;
}

[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct RowEntry
{
    public const int Size = 32;

    /// <summary>No row.</summary>
    public const uint None = uint.MaxValue;

    public ulong Id;

    /// <summary>Of the payload in its section.</summary>
    public long Offset;
    public int Length;
    public uint Checksum;

    /// <summary>Of its vector among those of its model.</summary>
    public uint Slot;
    public ushort Part;

    /// <summary>1: the payload is a sealed record (docs/encryption.md).</summary>
    public ushort Sealed;
}

[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct IdEntry
{
    public const int Size = 32;

    public ulong Id;

    /// <summary>128 further bits of the content's hash.</summary>
    public ulong CheckHigh;
    public ulong CheckLow;
    public uint Row;

    /// <summary>1: the content did not get its unsalted id.</summary>
    public uint Salted;

    public readonly UInt128 Check => new(CheckHigh, CheckLow);
}

internal static class SegmentNames
{
    public const string Folder = "segments";
    public const string Segment = ".seg";
    public const string Deletions = ".del";
    public const string Aside = ".new";

    public static string OfSegment(ulong number) => number.ToString("x16", CultureInfo.InvariantCulture) + Segment;

    public static string OfDeletions(ulong segment, ulong number) =>
        string.Create(CultureInfo.InvariantCulture, $"{segment:x16}-{number:x16}{Deletions}");
}
