using System.Runtime.CompilerServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// All that a search needs of a graph: where its rows are, and where to begin. It owns nothing, so the same search runs over a graph
/// that is being built and over a mapped file. Slots are below 2^31.
/// </summary>
internal readonly unsafe record struct GraphView
{
    /// <summary>No slot: ends a list of links that is not full, a chain of twins, and names the entry of an empty graph.</summary>
    public const uint None = uint.MaxValue;

    /// <summary>The level of a slot whose vector is not written yet.</summary>
    public const byte NotYet = byte.MaxValue;

    public required int Dimension { get; init; }

    public required int M { get; init; }

    /// <summary>Slots 0 to Count - 1 exist. Deleted ones count.</summary>
    public required uint Count { get; init; }

    /// <summary>Slots that a walk may meet are below it: those that exist and those that come while it runs, if there is room for them.</summary>
    public required uint Capacity { get; init; }

    /// <summary>Where searches begin: a slot of the highest level.</summary>
    public required uint Entry { get; init; }

    public required int TopLevel { get; init; }

    /// <summary>A byte a slot: the highest level it is on.</summary>
    public required RowView Levels { get; init; }

    /// <summary>Level 0: 2·M slots (uint32) each, ended by <see cref="None"/>; rows on cache lines of their own.</summary>
    public required RowView Links { get; init; }

    /// <summary>uint32 a slot: the row of <see cref="UpperLinks"/> that holds its level 1; further levels follow it.</summary>
    public required RowView UpperRow { get; init; }

    /// <summary>M slots (uint32) a row, ended like <see cref="Links"/>.</summary>
    public required RowView UpperLinks { get; init; }

    /// <summary>uint32 a slot: the next of the vectors that lie in the same place as this one, and share its links.</summary>
    public required RowView Twins { get; init; }

    /// <summary>float32 unit vectors, padded with zeros to 64 bytes.</summary>
    public required RowView Vectors { get; init; }

    /// <summary>int8 codes, padded with zeros to 64 bytes; may be missing.</summary>
    public required RowView Codes { get; init; }

    /// <summary>float32 a slot: the scale of its codes.</summary>
    public required RowView Scales { get; init; }

    /// <summary>Checks each row of <see cref="Vectors"/> before it is first compared; null where they are trusted.</summary>
    public RowChecks? VectorChecks { get; init; }

    /// <summary>Bytes of a row of <see cref="Vectors"/>.</summary>
    public static int VectorStride(int dimension) => (dimension * sizeof(float) + 63) & ~63;

    /// <summary>Bytes of a row of <see cref="Codes"/>.</summary>
    public static int CodeStride(int dimension) => (dimension + 63) & ~63;

    /// <summary>Bytes of a row of <see cref="Links"/>: 128 for M = 16.</summary>
    public static int LinkStride(int m) => (2 * m * sizeof(uint) + 63) & ~63;

    /// <summary>Bytes of a row of <see cref="UpperLinks"/>.</summary>
    public static int UpperStride(int m) => (m * sizeof(uint) + 63) & ~63;

    public LevelLinks Level(int level) => level == 0
        ? new LevelLinks(Links, default, 0, 2 * M)
        : new LevelLinks(UpperLinks, UpperRow, (uint)level - 1, M);

    public uint TwinOf(uint slot) => Volatile.Read(ref *(uint*)Twins[slot]);

    public ReadOnlySpan<float> Vector(uint slot) => new(Vectors[slot], Dimension);
}

/// <summary>The lists of links of one level.</summary>
internal readonly unsafe struct LevelLinks(RowView rows, RowView first, uint level, int capacity)
{
    private readonly RowView _rows = rows;
    private readonly RowView _first = first;

    public int Capacity => capacity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* Of(uint slot) => (uint*)_rows[Row(slot)];

    /// <summary>The row that a slot's list of this level has among its kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Row(uint slot) => _first.Exists ? *(uint*)_first[slot] + level : slot;
}
