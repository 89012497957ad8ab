using System.Numerics;

namespace Sutra.Storage.Hnsw;

// Walks on level 0 whose results are not all that they come by.
internal static unsafe partial class Walk
{
    // Allowed rows that a two-hop walk begins with beside the entry: the entry may lie where next to nothing is allowed.
    private const int Seeds = 8;

    /// <summary>
    /// Goes through everything, keeps what is allowed: a frontier of its own, because what is walked over is more than what is kept.
    /// </summary>
    /// <returns>False if it took more than <paramref name="budget"/> comparisons; the beam is then not complete.</returns>
    public static bool Sweep<TScorer>(in GraphView view, TScorer scorer, in Probe probe, in SlotFilter filter, uint entry, int ef, long budget, SearchScratch scratch, out Beam beam)
        where TScorer : struct, IScorer
    {
        scratch.NextEpoch(view.Capacity);
        beam = scratch.NewBeam(ef);
        var frontier = scratch.Frontier;
        frontier.Clear();
        var links = view.Level(0);
        scratch.Slots[0] = entry;
        scratch.Visited[entry] = scratch.Epoch;
        ScoreSlots(scorer, probe, 1, scratch);
        for (var count = 1; ;)
        {
            for (var i = 0; i < count; i++)
            {
                var (distance, slot) = (scratch.Distances[i], scratch.Slots[i]);
                if (distance < beam.Worst)
                {
                    frontier.Push(Candidate.Key(distance, slot));
                    if (filter.AllowsAny(view, slot))
                    {
                        beam.Add(distance, slot);
                    }
                }
            }

            budget -= count;
            if (frontier.Count == 0 || Candidate.Distance(frontier.Peek()) > beam.Worst)
            {
                return true;
            }

            if (budget < 0)
            {
                return false;
            }

            var next = Candidate.Slot(frontier.Pop());
            if (frontier.Count > 0)
            {
                PrefetchLinks(links.Of(Candidate.Slot(frontier.Peek())), links.Capacity);
            }

            count = GatherUnseen(scorer, links.Of(next), links.Capacity, scratch);
            Score(scorer, probe, count, scratch);
        }
    }

    /// <summary>Goes through what is allowed only, by links and, where they end at something that is not, by the links from there.</summary>
    /// <inheritdoc cref="Sweep"/>
    public static bool TwoHop<TScorer>(in GraphView view, TScorer scorer, in Probe probe, in SlotFilter filter, uint entry, int ef, long budget, SearchScratch scratch, out Beam beam)
        where TScorer : struct, IScorer
    {
        scratch.NextEpoch(view.Capacity);
        beam = scratch.NewBeam(ef);
        var count = GatherSeeds(view, filter, scratch);
        var next = entry;
        do
        {
            count = GatherAllowed(view, filter, next, count, scratch);
            ScoreSlots(scorer, probe, count, scratch);
            for (var i = 0; i < count; i++)
            {
                if (scratch.Distances[i] < beam.Worst)
                {
                    beam.Add(scratch.Distances[i], scratch.Slots[i]);
                }
            }

            budget -= count;
            count = 0;
            next = beam.Next();
        }
        while (next != GraphView.None && budget >= 0);
        return next == GraphView.None;
    }

    private static int GatherSeeds(in GraphView view, in SlotFilter filter, SearchScratch scratch)
    {
        var words = (int)((view.Count + 63) / 64);
        var count = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var word = (int)((long)words * seed / Seeds);
            var end = (int)((long)words * (seed + 1) / Seeds);
            while ((word = filter.NextWord(word, end)) < end && filter.Word(word) == 0)
            {
                word++;
            }

            // Twins have no links of their own; as a seed one leads nowhere, and then the others do.
            if (word < end && (uint)(word * 64 + BitOperations.TrailingZeroCount(filter.Word(word))) is var slot && slot < view.Count && IsPlaced(view, slot))
            {
                scratch.Visited[slot] = scratch.Epoch;
                scratch.Slots[count++] = slot;
            }
        }

        return count;
    }

    // A slot that is still being added, or shares another's links, is no place to walk from.
    private static bool IsPlaced(in GraphView view, uint slot) => *view.Levels[slot] != GraphView.NotYet && *(uint*)view.Links[slot] != GraphView.None;

    private static int GatherAllowed(in GraphView view, in SlotFilter filter, uint slot, int count, SearchScratch scratch)
    {
        var links = view.Level(0);
        var over = stackalloc uint[links.Capacity];
        var overs = 0;
        var list = links.Of(slot);
        for (var i = 0; i < links.Capacity && list[i] != GraphView.None; i++)
        {
            if (!Visit(list[i], scratch))
            {
                continue;
            }

            if (filter.AllowsAny(view, list[i]))
            {
                scratch.Slots[count++] = list[i];
            }
            else
            {
                over[overs++] = list[i];
                PrefetchLinks(links.Of(list[i]), links.Capacity);
            }
        }

        for (var o = 0; o < overs; o++)
        {
            list = links.Of(over[o]);
            for (var i = 0; i < links.Capacity && list[i] != GraphView.None && count < SearchScratch.MaxBatch; i++)
            {
                // What is not allowed stays unvisited here: as somebody's neighbour it can still be stepped over.
                if (list[i] < scratch.VisitedCapacity && filter.AllowsAny(view, list[i]) && Visit(list[i], scratch))
                {
                    scratch.Slots[count++] = list[i];
                }
            }
        }

        return count;
    }

    private static bool Visit(uint slot, SearchScratch scratch)
    {
        if (slot >= scratch.VisitedCapacity || scratch.Visited[slot] == scratch.Epoch)
        {
            return false;
        }

        scratch.Visited[slot] = scratch.Epoch;
        return true;
    }
}
