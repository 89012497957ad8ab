using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sutra.Storage.Vectors;

/// <summary>
/// Rows of one size, found by number, in memory that this does not own: a growing <see cref="RowStore"/> or one flat run, such as a
/// mapped file (<see cref="FlatRows"/>).
/// </summary>
/// <remarks>
/// A table holds where each chunk would begin if its first row were row 0. Chunk 0 has 2^shift rows, each further chunk as many as
/// all before it, so a bit count finds the chunk and 32 entries are enough for every size.
/// </remarks>
internal readonly unsafe struct RowView(byte** chunks, int shift, int stride)
{
    private readonly byte** _chunks = chunks;
    private readonly int _shift = shift;

    /// <summary>Bytes from one row to the next.</summary>
    public int Stride { get; } = stride;

    public bool Exists => _chunks != null;

    public byte* this[uint row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _chunks[32 - BitOperations.LeadingZeroCount(row >> _shift)] + (nuint)row * (nuint)(uint)Stride;
    }

    /// <summary>The longest run from <paramref name="row"/> on that lies in one piece, not beyond <paramref name="end"/>.</summary>
    public ReadOnlySpan<byte> Run(uint row, uint end)
    {
        var chunkEnd = row >> _shift == 0 ? 1UL << _shift : 1UL << (32 - BitOperations.LeadingZeroCount(row));
        var most = (uint)(int.MaxValue / Math.Max(Stride, 1));
        var rows = Math.Min(most, (uint)Math.Min(chunkEnd, end) - row);
        return new ReadOnlySpan<byte>(this[row], (int)rows * Stride);
    }
}
