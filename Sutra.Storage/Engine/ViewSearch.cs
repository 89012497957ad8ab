using System.Buffers;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>The nearest concepts of one state: exact in memory, by graph or by scan of codes in segments, ranked together.</summary>
internal static class ViewSearch
{
    // Of the candidates by codes, so many times as many as are wanted are compared in float32.
    private const float Oversample = 3;

    /// <param name="query">Normalised.</param>
    /// <param name="filter">Null for all.</param>
    /// <exception cref="InvalidConceptException">The model's concepts have another dimension.</exception>
    /// <exception cref="SegmentCorruptException">A vector or concept that matters is not what was written.</exception>
    public static Found[] Nearest(
        EngineView view, ReadOnlySpan<float> query, string model, int topK, int ef, ViewFilter? filter = null, CancellationToken cancellation = default)
    {
        using var best = new TopK(topK);
        var (fits, others) = (false, false);
        for (var i = 0; i < view.Segments.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var segment = view.Segments[i];
            for (var part = 0; part < segment.Dead.Length; part++)
            {
                var vectors = segment.Segment.Parts[part];
                if (vectors.Model != model)
                {
                    continue;
                }

                if (vectors.Dimension != query.Length)
                {
                    others |= vectors.Live > 0;
                    continue;
                }

                fits |= vectors.Live > 0;
                var allowed = filter?.Slots(i, part);
                if (allowed?.Count != 0)
                {
                    Search(segment.Segment, vectors, segment.Dead[part], allowed, view.Sequence, query, topK, ef, best, cancellation);
                }
            }
        }

        // After the segments: most rows need no second look at what is better than the best of those.
        using var coded = new CodedQuery(query);
        var frozen = (view.Frozen?.Vectors ?? []).Select(rows => (rows, view.Frozen!));
        foreach (var (rows, table) in view.ActiveVectors.Select(rows => (rows, view.Active)).Concat(frozen))
        {
            if (rows.Index.Model != model)
            {
                continue;
            }

            if (rows.Index.Dimension != query.Length)
            {
                others |= rows.Index.Live > 0;
                continue;
            }

            fits |= rows.Index.Live > 0;
            Search(rows, table, filter?.In(table), view.Sequence, coded, best, cancellation);
        }

        return others && !fits
            ? throw new InvalidConceptException("embedding", "must have the same dimension as the model's concepts")
            : best.ToSorted();
    }

    private static void Search(
        VectorRows rows, MemoryTable table, MemoryMatch? match, ulong sequence, in CodedQuery query, TopK best, CancellationToken cancellation)
    {
        if (match is not null && match.TryGetFew(table.EverAdded, out var few))
        {
            FewRows.Search(few, rows.Index.Model, sequence, query.Vector, best);
        }
        else
        {
            rows.Search(query, sequence, match, best, cancellation);
        }
    }

    private static void Search(
        Segment segment,
        SegmentVectors vectors,
        DeadSlots dead,
        SlotBitmap? allowed,
        ulong sequence,
        ReadOnlySpan<float> query,
        int topK,
        int ef,
        TopK best,
        CancellationToken cancellation)
    {
        var results = ArrayPool<Neighbour>.Shared.Rent(topK + dead.Pending);
        try
        {
            var count = vectors.Search(query, ef, Oversample, topK, dead, allowed, results, cancellation);
            foreach (var neighbour in results.AsSpan(0, count))
            {
                var row = vectors.RowOf(neighbour.Slot);
                if (neighbour.Score >= best.Threshold && segment.IsVisible(row, sequence))
                {
                    best.Offer(new Found(neighbour.Score, segment, row));
                }
            }
        }
        finally
        {
            ArrayPool<Neighbour>.Shared.Return(results);
        }
    }
}
