namespace Sutra.Storage.Hnsw;

/// <summary>What a walk can get to: a link back may push out the last link to somebody, and then no search finds it.</summary>
internal static unsafe class Reachability
{
    /// <summary>Marks all that level 0 leads to from the entry, twins of what is reached too.</summary>
    /// <returns>How many slots that are.</returns>
    /// <remarks>Slots being added meanwhile count as not reached.</remarks>
    public static uint Mark(in GraphView view, SlotBitmap reached) => view.Entry == GraphView.None ? 0 : MarkFrom(view, view.Entry, reached);

    /// <summary>Marks what <paramref name="start"/> leads to and was not marked before.</summary>
    public static uint MarkFrom(in GraphView view, uint start, SlotBitmap reached)
    {
        var links = view.Level(0);
        var open = new Stack<uint>();
        uint count = 0;
        Visit(view, start);
        while (open.TryPop(out var slot))
        {
            var list = links.Of(slot);
            for (var i = 0; i < links.Capacity && list[i] != GraphView.None; i++)
            {
                Visit(view, list[i]);
            }
        }

        return count;

        void Visit(in GraphView graph, uint slot)
        {
            if (slot >= graph.Count || !reached.Add(slot))
            {
                return;
            }

            count++;
            open.Push(slot);
            for (var twin = graph.TwinOf(slot); twin != GraphView.None; twin = graph.TwinOf(twin))
            {
                count += reached.Add(twin) ? 1u : 0;
            }
        }
    }
}
