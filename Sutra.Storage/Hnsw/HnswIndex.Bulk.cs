using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    /// <summary>
    /// Adds a vector without linking it: until <see cref="LinkRows"/> only an exact scan finds it. One thread at a time.
    /// </summary>
    /// <param name="unit">Of length one, as <see cref="UnitVector"/> makes them; kept bit for bit.</param>
    /// <returns>Its slot: the number of vectors before it.</returns>
    public uint AppendUnit(ReadOnlySpan<float> unit)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(unit.Length, _options.Dimension, nameof(unit));
        var slot = Reserve(out var level);
        var row = new Span<float>(_rows.Vectors[slot], _rows.Vectors.Stride / sizeof(float));
        unit.CopyTo(row);
        row[unit.Length..].Clear();
        if (_options.Codes)
        {
            *(float*)_rows.Scales[slot] = Int8Codec.Encode(_rows.Vector(slot), new Span<sbyte>(_rows.Codes[slot], _rows.Codes.Stride));
        }

        Volatile.Write(ref *_rows.Levels[slot], (byte)level);
        return slot;
    }

    /// <summary>Links all vectors that <see cref="AppendUnit"/> added, to an index that holds no others.</summary>
    /// <param name="threads">At least 1. With one, the same vectors give the same graph, bit by bit.</param>
    /// <param name="cancellation">Leaves the index half linked: good for nothing but <see cref="Dispose"/>.</param>
    public void LinkRows(int threads, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var first = 0u;
        for (; first < Count && (threads == 1 || first < SequentialStart); first++)
        {
            cancellation.ThrowIfCancellationRequested();
            LinkRow(first);
        }

        Parallel.For(first, Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, slot => LinkRow((uint)slot));
    }

    private void LinkRow(uint slot)
    {
        var scratch = _scratches.Rent();
        if (_options is { Codes: true, BuildOnCodes: true })
        {
            Link(slot, *_rows.Levels[slot], new CodeScorer(_rows), scratch);
        }
        else
        {
            Link(slot, *_rows.Levels[slot], new FloatScorer(_rows), scratch);
        }

        _scratches.Return(scratch);
    }
}
