using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>The nearest vectors of a graph, wherever its rows are.</summary>
internal static partial class HnswSearch
{
    /// <param name="view">The graph.</param>
    /// <param name="query">A vector of the graph's dimension; its length does not matter.</param>
    /// <param name="request">How many, how thoroughly, and of which.</param>
    /// <param name="deleted">Slots that are not there any more; null for none.</param>
    /// <param name="scratches">Of the graph's dimension.</param>
    /// <param name="results">Best first, equal scores by slot. At least as long as <see cref="HnswQuery.K"/>.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="InvalidVectorException">The query is not finite, zero, or of another dimension.</exception>
    public static int Run(in GraphView view, ReadOnlySpan<float> query, in HnswQuery request, SlotBitmap? deleted, ScratchPool scratches, Span<Neighbour> results)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.K, 1, nameof(request));
        ArgumentOutOfRangeException.ThrowIfLessThan(results.Length, request.K, nameof(results));
        var scratch = scratches.Rent();
        try
        {
            UnitVector.Write(query, view.Dimension, scratch.Query);
            if (view.Entry == GraphView.None)
            {
                return 0;
            }

            var live = view.Count - (deleted?.Count ?? 0);
            var allowed = Math.Min(request.Allowed?.Count ?? live, live);
            if (view.Codes.Exists && request.UseCodes && allowed > SearchPlan.FewRows)
            {
                var finalists = (int)(request.K * Math.Max(request.Oversample, 1));
                Run(view, new CodeScorer(view), scratch.EncodeQuery(view.Dimension), finalists, allowed, request, deleted, scratch);
            }
            else
            {
                Run(view, new FloatScorer(view), scratch.FloatProbe, request.K, allowed, request, deleted, scratch);
            }

            return Rank(view, request.K, scratch, results);
        }
        finally
        {
            scratches.Return(scratch);
        }
    }

    private static void Run<TScorer>(in GraphView view, TScorer scorer, in Probe probe, int finalists, long allowed, in HnswQuery request, SlotBitmap? deleted, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var filter = new SlotFilter(request.Allowed, deleted);
        var ef = Math.Max(request.Ef, finalists);
        var plan = request.Way is { } way ? new SearchPlan(way, long.MaxValue)
            : SearchPlan.Choose(filter, allowed, view.Count, view.Dimension, scorer is CodeScorer, ef);
        if (plan.Way != SearchWay.Exact)
        {
            var entry = Walk.Descend(view, scorer, probe, 0, scratch);
            var beam = default(Beam);
            var complete = true;
            switch (plan.Way)
            {
                case SearchWay.Sweep:
                    complete = Walk.Sweep(view, scorer, probe, filter, entry, ef, plan.Budget, scratch, out beam);
                    break;
                case SearchWay.TwoHop:
                    complete = Walk.TwoHop(view, scorer, probe, filter, entry, ef, plan.Budget, scratch, out beam);
                    break;
                default:
                    beam = Walk.Search(view.Level(0), scorer, probe, entry, ef, view.Capacity, scratch);
                    break;
            }

            TakeFinalists(view, beam, filter, finalists, scratch);
            if (complete && scratch.Finalists.Count >= Math.Min(request.K, allowed))
            {
                return;
            }
        }

        scratch.Finalists.Clear();
        foreach (var key in ExactScan.Run(view, scorer, probe, filter, finalists, scratch, request.Cancellation).Keys)
        {
            scratch.Finalists.Add(Candidate.Slot(key));
        }
    }

    private static void TakeFinalists(in GraphView view, Beam beam, in SlotFilter filter, int finalists, SearchScratch scratch)
    {
        scratch.Finalists.Clear();
        foreach (var key in beam.Keys[..Math.Min(finalists, beam.Count)])
        {
            for (var slot = Candidate.Slot(key); slot != GraphView.None; slot = view.TwinOf(slot))
            {
                if (filter.Allows(slot))
                {
                    scratch.Finalists.Add(slot);
                }
            }
        }
    }

    // Compares the finalists in float32.
    private static unsafe int Rank(in GraphView view, int k, SearchScratch scratch, Span<Neighbour> results)
    {
        var scorer = new FloatScorer(view);
        var best = scratch.NewBeam(k);
        var finalists = scratch.Finalists;
        for (var from = 0; from < finalists.Count; from += SearchScratch.MaxBatch)
        {
            var count = Math.Min(SearchScratch.MaxBatch, finalists.Count - from);
            for (var i = 0; i < count; i++)
            {
                scratch.Slots[i] = finalists[from + i];
            }

            Walk.ScoreSlots(scorer, scratch.FloatProbe, count, scratch);
            for (var i = 0; i < count; i++)
            {
                if (scratch.Distances[i] < best.Worst)
                {
                    best.Add(scratch.Distances[i], scratch.Slots[i]);
                }
            }
        }

        for (var i = 0; i < best.Count; i++)
        {
            // Rounding can put a dot product of unit vectors just outside.
            results[i] = new Neighbour(Candidate.Slot(best[i]), Math.Clamp(1 - Candidate.Distance(best[i]), -1, 1));
        }

        return best.Count;
    }
}
