using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

// Which links a slot keeps. Beside every link lies its worth: its length, and in the sign whether it is redundant, that is, whether
// a shorter link of the same list leads to a slot that is at least as near to its end (algorithm 4 of the paper). With these a
// full list takes a new link for one comparison with each of its links, where algorithm 4 over all pairs would take M².
internal sealed unsafe partial class HnswIndex
{
    private const uint Redundant = 0x8000_0000;
    private const int Stripes = 1024;

    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];

    private Lock LockOf(uint slot) => _stripes[slot * 0x9E3779B1u >> 22];

    private RowView Worths(int level) => level == 0 ? _worths.View : _upperWorths.View;

    // Nearest first, those that no chosen one makes redundant, then the nearest of the redundant until there are M: a list that is
    // left short costs more recall than its comparisons save. Ties are redundant.
    private void SelectForward<TScorer>(in LevelLinks links, int level, uint slot, Beam beam, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var m = _options.M;
        var list = links.Of(slot);
        var worths = (uint*)Worths(level)[links.Row(slot)];
        var count = 0;
        var redundant = scratch.Aside;
        redundant.Clear();
        for (var i = 0; i < beam.Count && count < m; i++)
        {
            var candidate = Candidate.Slot(beam[i]);
            var length = Candidate.Distance(beam[i]);
            if (Walk.AnyWithin(scorer, scorer.ProbeOf(candidate), list, count, length, scratch))
            {
                if (redundant.Count < m)
                {
                    redundant.Add(beam[i]);
                }

                continue;
            }

            worths[count] = Worth(length, redundant: false);
            list[count++] = candidate;
        }

        for (var i = 0; i < redundant.Count && count < m; i++)
        {
            worths[count] = Worth(Candidate.Distance(redundant[i]), redundant: true);
            list[count++] = Candidate.Slot(redundant[i]);
        }
    }

    // Others may add links back to the new slot meanwhile, so only what it chose itself is gone through.
    private void LinkBack<TScorer>(in LevelLinks links, int level, uint slot, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var chosen = stackalloc uint[_options.M];
        var lengths = stackalloc float[_options.M];
        var count = 0;
        var list = links.Of(slot);
        var worths = (uint*)Worths(level)[links.Row(slot)];
        lock (LockOf(slot))
        {
            for (; count < _options.M && list[count] != GraphView.None; count++)
            {
                chosen[count] = list[count];
                lengths[count] = Length(worths[count]);
            }
        }

        var probe = scorer.ProbeOf(slot);
        for (var i = 0; i < count; i++)
        {
            lock (LockOf(chosen[i]))
            {
                AddLink(links, level, chosen[i], slot, lengths[i], scorer, probe, scratch);
            }
        }
    }

    private void AddLink<TScorer>(in LevelLinks links, int level, uint owner, uint slot, float length, TScorer scorer, in Probe probe, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        var list = links.Of(owner);
        var worths = (uint*)Worths(level)[links.Row(owner)];
        var count = 0;
        var kept = 0;
        for (; count < links.Capacity && list[count] != GraphView.None; count++)
        {
            if (list[count] == slot)
            {
                return;
            }

            if ((worths[count] & Redundant) == 0)
            {
                scratch.Slots[kept++] = list[count];
            }
        }

        var isRedundant = Weigh(list, worths, count, kept, length, scorer, probe, scratch);
        var worth = Worth(length, isRedundant);
        if (count < links.Capacity)
        {
            worths[count] = worth;
            Volatile.Write(ref list[count], slot);
            return;
        }

        var victim = Victim(worths, count);
        if (Rank(worth) < Rank(worths[victim]))
        {
            worths[victim] = worth;
            Volatile.Write(ref list[victim], slot);
        }
    }

    // Compares the new link with those of the list that are not redundant: shorter ones may make it redundant, longer ones it.
    private static bool Weigh<TScorer>(uint* list, uint* worths, int count, int kept, float length, TScorer scorer, in Probe probe, SearchScratch scratch)
        where TScorer : struct, IScorer
    {
        Walk.ScoreSlots(scorer, probe, kept, scratch);
        var isRedundant = false;
        for (int i = 0, at = 0; i < count; i++)
        {
            if ((worths[i] & Redundant) != 0)
            {
                continue;
            }

            var between = scratch.Distances[at++];
            var other = Length(worths[i]);
            if (other <= length)
            {
                isRedundant |= between <= length;
            }
        }

        for (int i = 0, at = 0; i < count && !isRedundant; i++)
        {
            if ((worths[i] & Redundant) == 0 && scratch.Distances[at++] <= Length(worths[i]) && Length(worths[i]) > length)
            {
                worths[i] |= Redundant;
            }
        }

        return isRedundant;
    }

    // The longest of the redundant, or if there are none the longest.
    private static int Victim(uint* worths, int count)
    {
        var victim = 0;
        for (var i = 1; i < count; i++)
        {
            if (Rank(worths[i]) > Rank(worths[victim]))
            {
                victim = i;
            }
        }

        return victim;
    }

    private static uint Worth(float length, bool redundant) =>
        BitConverter.SingleToUInt32Bits(Math.Max(length, 0)) | (redundant ? Redundant : 0);

    private static float Length(uint worth) => BitConverter.UInt32BitsToSingle(worth & ~Redundant);

    // Lengths are not negative, so as integers worths sort by redundancy first, then by length.
    private static uint Rank(uint worth) => worth;
}
