using System.Runtime.CompilerServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// Walks through one level of a graph (Malkov and Yashunin 2018, algorithm 2). They take no locks: a link is one aligned word,
/// replaced whole, and never names a slot whose row is not there yet.
/// </summary>
internal static unsafe partial class Walk
{
    /// <summary>Down through the upper levels: from each, the nearest that neighbours of neighbours lead to.</summary>
    /// <returns>Where to begin on <paramref name="level"/>.</returns>
    public static uint Descend<TScorer>(in GraphView view, TScorer scorer, in Probe probe, int level, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var nearest = view.Entry;
        Gather(scorer, nearest, scratch);
        Score(scorer, probe, 1, scratch);
        var distance = scratch.Distances[0];
        for (var at = view.TopLevel; at > level; at--)
        {
            var links = view.Level(at);
            for (var moved = true; moved;)
            {
                moved = false;
                var count = GatherAll(scorer, links, nearest, view.Capacity, scratch);
                Score(scorer, probe, count, scratch);
                for (var i = 0; i < count; i++)
                {
                    if (scratch.Distances[i] < distance)
                    {
                        (distance, nearest, moved) = (scratch.Distances[i], scratch.Slots[i], true);
                    }
                }
            }
        }

        return nearest;
    }

    /// <summary>The <paramref name="ef"/> nearest that a walk from <paramref name="entry"/> finds, sorted.</summary>
    public static Beam Search<TScorer>(in LevelLinks links, TScorer scorer, in Probe probe, uint entry, int ef, uint capacity, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        scratch.NextEpoch(capacity);
        var beam = scratch.NewBeam(ef);
        Gather(scorer, entry, scratch);
        Score(scorer, probe, 1, scratch);
        beam.Add(scratch.Distances[0], entry);
        scratch.Visited[entry] = scratch.Epoch;
        var distances = scratch.Distances;
        var slots = scratch.Slots;
        for (var slot = beam.Next(); slot != GraphView.None; slot = beam.Next())
        {
            var next = beam.Peek();
            if (next != GraphView.None)
            {
                PrefetchLinks(links.Of(next), links.Capacity);
            }

            var count = GatherUnseen(scorer, links.Of(slot), links.Capacity, scratch);
            for (var i = 0; i < count; i += 4)
            {
                PrefetchRows(scorer, scratch.Rows, i + 4, Math.Min(i + 8, count));
                scorer.Score4(probe, scratch.Rows + i, slots + i, distances + i);
                var end = Math.Min(i + 4, count);
                for (var j = i; j < end; j++)
                {
                    if (distances[j] < beam.Worst)
                    {
                        beam.Add(distances[j], slots[j]);
                    }
                }
            }
        }

        return beam;
    }

    /// <summary>Distances of the first <paramref name="count"/> rows gathered.</summary>
    public static void Score<TScorer>(TScorer scorer, in Probe probe, int count, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        for (var i = 0; i < count; i += 4)
        {
            PrefetchRows(scorer, scratch.Rows, i + 4, Math.Min(i + 8, count));
            scorer.Score4(probe, scratch.Rows + i, scratch.Slots + i, scratch.Distances + i);
        }
    }

    /// <summary>Fills up the last group of four, by repeating its last row: a row is then always scored by the same instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pad(int count, SearchScratch scratch)
    {
        if (count > 0)
        {
            for (var i = count; i < count + 3; i++)
            {
                scratch.Slots[i] = scratch.Slots[count - 1];
                scratch.Rows[i] = scratch.Rows[count - 1];
            }
        }
    }

    // Which links were seen before is as good as random: counting instead of branching saves a misprediction for every other link.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int GatherUnseen<TScorer>(TScorer scorer, uint* list, int capacity, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var slots = scratch.Slots;
        var visited = scratch.Visited;
        var epoch = scratch.Epoch;
        var known = scratch.VisitedCapacity;
        var count = 0;
        for (var i = 0; i < capacity; i++)
        {
            var slot = list[i];
            if (slot >= known)
            {
                if (slot == GraphView.None)
                {
                    break;
                }

                continue;
            }

            slots[count] = slot;
            count += visited[slot] != epoch ? 1 : 0;
            visited[slot] = epoch;
        }

        Locate(scorer, count, scratch);
        return count;
    }

    // For the upper levels, whose lists are short and walked once.
    private static int GatherAll<TScorer>(TScorer scorer, in LevelLinks links, uint slot, uint capacity, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var list = links.Of(slot);
        var count = 0;
        for (var i = 0; i < links.Capacity && Volatile.Read(ref list[i]) is var next && next != GraphView.None; i++)
        {
            scratch.Slots[count] = next;
            count += next < capacity ? 1 : 0;
        }

        Locate(scorer, count, scratch);
        return count;
    }

    private static void Gather<TScorer>(TScorer scorer, uint slot, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        scratch.Slots[0] = slot;
        Locate(scorer, 1, scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Locate<TScorer>(TScorer scorer, int count, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var rows = scratch.Rows;
        for (var i = 0; i < count; i++)
        {
            rows[i] = scorer.Row(scratch.Slots[i]);
        }

        PrefetchRows(scorer, rows, 0, Math.Min(4, count));
        Pad(count, scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRows<TScorer>(TScorer scorer, byte** rows, int from, int end)
        where TScorer : struct, IScorer
    {
        for (var i = from; i < end; i++)
        {
            scorer.Prefetch(rows[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchLinks(uint* list, int capacity)
    {
        for (var i = 0; i < capacity; i += 16)
        {
            MemoryAdvice.Prefetch(list + i);
        }
    }
}
