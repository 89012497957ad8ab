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
            for (var word = filter.Word(at); word != 0; word &= word - 1)
            {
                var slot = (uint)(at * 64 + BitOperations.TrailingZeroCount(word));
                if (slot >= view.Count)
                {
                    break;
                }

                // Its vector may be half written.
                if (Volatile.Read(ref *view.Levels[slot]) != GraphView.NotYet)
                {
                    scratch.Slots[gathered++] = slot;
                }
            }

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
