namespace Sutra.Storage.Hnsw;

// Comparisons of a row with some others, for the choice of links.
internal static unsafe partial class Walk
{
    public static float ScoreOne<TScorer>(TScorer scorer, in Probe probe, uint slot, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        Gather(scorer, slot, scratch);
        Score(scorer, probe, 1, scratch);
        return scratch.Distances[0];
    }

    /// <summary>Distances of the slots that stand in the scratch.</summary>
    public static void ScoreSlots<TScorer>(TScorer scorer, in Probe probe, int count, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        Locate(scorer, count, scratch);
        Score(scorer, probe, count, scratch);
    }

    /// <summary>Whether one of the slots lies within <paramref name="distance"/>. Looks at no more of them than it must.</summary>
    public static bool AnyWithin<TScorer>(TScorer scorer, in Probe probe, uint* slots, int count, float distance, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        for (var i = 0; i < count; i += 4)
        {
            for (var j = 0; j < 4; j++)
            {
                scratch.Slots[j] = slots[Math.Min(i + j, count - 1)];
                scratch.Rows[j] = scorer.Row(scratch.Slots[j]);
            }

            scorer.Score4(probe, scratch.Rows, scratch.Slots, scratch.Distances);
            if (scratch.Distances[0] <= distance || scratch.Distances[1] <= distance || scratch.Distances[2] <= distance || scratch.Distances[3] <= distance)
            {
                return true;
            }
        }

        return false;
    }
}
