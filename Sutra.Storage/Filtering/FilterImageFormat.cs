using System.Runtime.InteropServices;

namespace Sutra.Storage.Filtering;

// The structures of a filter section as they lie in it; docs/filters.md has the tables. Little-endian.
internal static class FilterImageFormat
{
    public const uint CurrentVersion = 1;
    public const int HeaderSize = 64;
    public const int FooterSize = 64;
    public const int Alignment = 8;

    // "SUTRFILT" and "FILTEND." read as little-endian numbers.
    public const ulong HeaderMagic = 0x544C_4946_5254_5553;
    public const ulong FooterMagic = 0x2E44_4E45_544C_4946;

    /// <summary>Of a value in <see cref="FilterValueEntry.Place"/>.</summary>
    public const int LengthBits = 16;

    public static long Padded(long bytes) => (bytes + Alignment - 1) & -Alignment;

    /// <summary>Of a table of so many sorted numbers and as many uint32.</summary>
    public static long TableSize(long rows) => (rows * sizeof(ulong)) + Padded(rows * sizeof(uint));

    public static InvalidDataException Damaged() => new("the filter section is damaged");
}

[StructLayout(LayoutKind.Sequential, Pack = 1, Size = FilterImageFormat.HeaderSize)]
internal struct FilterImageHeader
{
    public ulong Magic;
    public uint Version;
    public uint Rows;
}

[StructLayout(LayoutKind.Explicit, Size = FilterImageFormat.FooterSize)]
internal struct FilterImageFooter
{
    /// <summary>Where the entries of the keys begin.</summary>
    [FieldOffset(0)]
    public ulong Directory;

    [FieldOffset(8)]
    public uint Keys;

    /// <summary>Pairs of key and row.</summary>
    [FieldOffset(16)]
    public ulong Pairs;

    [FieldOffset(56)]
    public ulong Magic;
}

/// <summary>A key, in the order of keys.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct FilterKeyEntry
{
    public const int Size = 48;

    /// <summary>Where its name, values and postings begin; its tables follow them.</summary>
    public ulong Heap;
    public ulong HeapLength;

    /// <summary>Of the rows that have the key, from the heap's begin.</summary>
    public ulong Presence;
    public uint Values;
    public uint Numbers;
    public uint Times;
    public uint Rows;
    public uint NameLength;
    public uint Reserved;
}

/// <summary>A value of a key, in the order of values.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct FilterValueEntry
{
    public const int Size = 16;

    /// <summary>From the heap's begin, times 65,536, and its length. Its postings follow it, up to the next value.</summary>
    public ulong Place;

    /// <summary>Rows that have it.</summary>
    public uint Count;

    /// <summary>The only row; 0 when there are more.</summary>
    public uint Row;
}
