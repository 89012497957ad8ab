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

    /// <summary>
    /// Begins with all of another graph, as if its vectors had been added here: what follows is linked to them, and they keep their slots.
    /// The index is empty, and has the graph's options and seed.
    /// </summary>
    /// <param name="graph">With codes if this has any.</param>
    /// <param name="worths">What <see cref="WriteWorths"/> wrote of it.</param>
    /// <exception cref="InvalidDataException">The graph was built with other options.</exception>
    /// <remarks>Vectors that <see cref="GraphView.VectorChecks"/> says are damaged end it with what that throws.</remarks>
    public void Resume(in GraphView graph, ReadOnlySpan<byte> worths)
    {
        for (uint slot = 0; slot < graph.Count; slot++)
        {
            graph.VectorChecks?.Ensure(slot);
            var upper = _upperCount;
            _ = Reserve(out var level);
            if (level != *graph.Levels[slot] || (level > 0 && upper != *(uint*)graph.UpperRow[slot]))
            {
                throw new InvalidDataException("The graph was built with another seed.");
            }

            Copy(graph.Vectors, _rows.Vectors, slot);
            Copy(graph.Links, _rows.Links, slot);
            Copy(graph.Twins, _rows.Twins, slot);
            if (_options.Codes)
            {
                Copy(graph.Codes, _rows.Codes, slot);
                Copy(graph.Scales, _rows.Scales, slot);
            }

            for (var row = upper; row < _upperCount; row++)
            {
                Copy(graph.UpperLinks, _rows.UpperLinks, row);
            }

            *_rows.Levels[slot] = (byte)level;
        }

        ReadWorths(_worths.View, _count, ref worths);
        ReadWorths(_upperWorths.View, _upperCount, ref worths);
        Volatile.Write(ref _entry, (ulong)graph.TopLevel << 32 | graph.Entry);
    }

    /// <summary>What <see cref="Resume"/> wants beside the image.</summary>
    public void WriteWorths(Stream output)
    {
        GraphImage.WriteRows(_worths.View, _count, output);
        GraphImage.WriteRows(_upperWorths.View, _upperCount, output);
    }

    /// <summary>Links all vectors that <see cref="AppendUnit"/> added, after those of <see cref="Resume"/> if there are any.</summary>
    /// <param name="threads">At least 1. With one, the same vectors give the same graph, bit by bit.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="cancellation">Leaves the index half linked: good for nothing but <see cref="Dispose"/>.</param>
    public void LinkRows(int threads, uint first = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
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

    private static void Copy(in RowView from, in RowView to, uint row) => new ReadOnlySpan<byte>(from[row], from.Stride).CopyTo(new Span<byte>(to[row], to.Stride));

    private static void ReadWorths(in RowView rows, uint count, ref ReadOnlySpan<byte> worths)
    {
        var padded = (int)GraphImageHeader.Padded(count, rows.Stride);
        if (worths.Length < padded)
        {
            throw new InvalidDataException("What the links are worth is cut off.");
        }

        for (uint row = 0; row < count; row++)
        {
            worths.Slice((int)row * rows.Stride, rows.Stride).CopyTo(new Span<byte>(rows[row], rows.Stride));
        }

        worths = worths[padded..];
    }
}
