using System.Numerics;

namespace Sutra.Storage.Hnsw;

/// <summary>Compares all that is allowed with the query.</summary>
internal static unsafe class ExactScan
{
    private const int Batch = 256;

    /// <returns>The <paramref name="count"/> nearest, sorted.</returns>
    public static Beam Run<TScorer>(in GraphView view, TScorer scorer, in Probe probe, in SlotFilter filter, int count, SearchScratch scratch, CancellationToken cancellation)
        where TScorer : struct, IScorer
    {
        var beam = scratch.NewBeam(count);
        var gathered = 0;
        var words = (int)((view.Count + 63) / 64);
        for (var at = filter.NextWord(0, words); at < words; at = filter.NextWord(at + 1, words))
        {
            gathered = Gather(view, (uint)at * 64, filter.Word(at), scratch.Slots, gathered);

            if (gathered > Batch - 64)
            {
                cancellation.ThrowIfCancellationRequested();
                Offer(scorer, probe, gathered, ref beam, scratch);
                gathered = 0;
            }
        }

        Offer(scorer, probe, gathered, ref beam, scratch);
        return beam;
    }

    private static int Gather(in GraphView view, uint first, ulong word, uint* slots, int gathered)
    {
        // Mostly all or nearly all of them, one after the other.
        var levels = view.Levels.Run(first, Math.Min(view.Count, first + 64));
        if (word == ulong.MaxValue && levels.Length == 64 && !levels.Contains(GraphView.NotYet))
        {
            // As after a volatile read of each.
            Volatile.ReadBarrier();
            for (var i = 0; i < 64; i++)
            {
                slots[gathered + i] = first + (uint)i;
            }

            return gathered + 64;
        }

        for (; word != 0; word &= word - 1)
        {
            var slot = first + (uint)BitOperations.TrailingZeroCount(word);
            if (slot >= view.Count)
            {
                break;
            }

            // Its vector may be half written.
            if (Volatile.Read(ref *view.Levels[slot]) != GraphView.NotYet)
            {
                slots[gathered++] = slot;
            }
        }

        return gathered;
    }

    private static void Offer<TScorer>(TScorer scorer, in Probe probe, int count, ref Beam beam, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        Walk.ScoreSlots(scorer, probe, count, scratch);
        for (var i = 0; i < count; i++)
        {
            if (scratch.Distances[i] < beam.Worst)
            {
                beam.Add(scratch.Distances[i], scratch.Slots[i]);
            }
        }
    }
}
