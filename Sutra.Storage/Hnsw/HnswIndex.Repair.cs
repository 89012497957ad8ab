namespace Sutra.Storage.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    // Each round can push out a link that was somebody's last; they get fewer each time.
    private const int RepairRounds = 16;
    private const int RepairCandidates = 64;

    /// <summary>Slots that no search can come to. Costs a few milliseconds per 100,000.</summary>
    public uint CountUnreachable() => Count - Reachability.Mark(View, new SlotBitmap(Count));

    /// <summary>
    /// Gives every slot that no search can come to a link from the nearest that one can. Not while vectors are added or searched.
    /// </summary>
    /// <returns>How many links that took, and what is still unreachable: 0, unless something is wrong with the graph.</returns>
    public (int Links, uint Unreachable) Repair()
    {
        var links = 0;
        for (var round = 0; round < RepairRounds; round++)
        {
            var view = View;
            var reached = new SlotBitmap(view.Count);
            var missing = view.Count - Reachability.Mark(view, reached);
            if (missing == 0)
            {
                return (links, 0);
            }

            links += _options is { Codes: true, BuildOnCodes: true }
                ? Reconnect(view, new CodeScorer(view), reached)
                : Reconnect(view, new FloatScorer(view), reached);
        }

        return (links, CountUnreachable());
    }

    private int Reconnect<TScorer>(in GraphView view, TScorer scorer, SlotBitmap reached)
        where TScorer : struct, IScorer
    {
        var twins = Twins(view);
        var links = 0;
        var scratch = _scratches.Rent();
        for (uint slot = 0; slot < view.Count; slot++)
        {
            if (reached.Contains(slot) || twins.Contains(slot))
            {
                continue;
            }

            // Begins at the entry, so it comes only to what is reachable; that includes what was reconnected just now.
            var probe = scorer.ProbeOf(slot);
            var entry = Walk.Descend(view, scorer, probe, 0, scratch);
            var beam = Walk.Search(view.Level(0), scorer, probe, entry, RepairCandidates, view.Capacity, scratch);
            var (owner, length) = MostWilling(view, beam, reached);
            if (owner != GraphView.None)
            {
                Insert(view.Level(0), owner, slot, length);
                Reachability.MarkFrom(view, slot, reached);
                links++;
            }
        }

        _scratches.Return(scratch);
        return links;
    }

    // Slots that share another's links: what is reached through that one, and has none of its own to lead to it.
    private static SlotBitmap Twins(in GraphView view)
    {
        var twins = new SlotBitmap(view.Count);
        for (uint slot = 0; slot < view.Count; slot++)
        {
            if (view.TwinOf(slot) is var twin && twin != GraphView.None)
            {
                twins.Add(twin);
            }
        }

        return twins;
    }

    // The nearest with room, or the nearest with a redundant link, or the nearest.
    private (uint Slot, float Length) MostWilling(in GraphView view, Beam beam, SlotBitmap reached)
    {
        var links = view.Level(0);
        var redundant = GraphView.None;
        foreach (var key in beam.Keys)
        {
            var slot = Candidate.Slot(key);
            if (!reached.Contains(slot))
            {
                continue;
            }

            if (links.Of(slot)[links.Capacity - 1] == GraphView.None)
            {
                return (slot, Candidate.Distance(key));
            }

            var worths = (uint*)_worths.View[slot];
            if (redundant == GraphView.None && (worths[Victim(worths, links.Capacity)] & Redundant) != 0)
            {
                redundant = slot;
            }
        }

        var chosen = redundant != GraphView.None ? redundant : beam.Count > 0 ? Candidate.Slot(beam[0]) : GraphView.None;
        foreach (var key in beam.Keys)
        {
            if (Candidate.Slot(key) == chosen)
            {
                return (chosen, Candidate.Distance(key));
            }
        }

        return (GraphView.None, 0);
    }

    private void Insert(in LevelLinks links, uint owner, uint slot, float length)
    {
        var list = links.Of(owner);
        var worths = (uint*)_worths.View[owner];
        lock (LockOf(owner))
        {
            var at = 0;
            while (at < links.Capacity && list[at] != GraphView.None)
            {
                at++;
            }

            at = at < links.Capacity ? at : Victim(worths, links.Capacity);
            worths[at] = Worth(length, redundant: false);
            Volatile.Write(ref list[at], slot);
        }
    }
}
