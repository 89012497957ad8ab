using Sutra.Storage.Concepts;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>Everything in one state.</summary>
internal static class ViewScan
{
    /// <param name="filter">Null for all.</param>
    public static IEnumerable<StoredConcept> All(EngineView view, ViewFilter? filter = null, CancellationToken cancellation = default)
    {
        foreach (var table in new[] { view.Active, view.Frozen }.OfType<MemoryTable>())
        {
            foreach (var concept in InMemory(table, view.Sequence, cancellation))
            {
                if (filter?.In(table).Accepts(concept) != false)
                {
                    yield return concept;
                }
            }
        }

        for (var i = 0; i < view.Segments.Length; i++)
        {
            var segment = view.Segments[i].Segment;
            foreach (var row in filter?.In(i).Rows ?? AllRows(segment))
            {
                cancellation.ThrowIfCancellationRequested();
                if (segment.IsVisible(row, view.Sequence) && StoredConcept.Of(segment, row) is { } concept)
                {
                    yield return concept;
                }
            }
        }
    }

    /// <summary>Of all versions that ever were in the table: those that were replaced since may belong to the state.</summary>
    public static IEnumerable<StoredConcept> InMemory(MemoryTable table, ulong sequence, CancellationToken cancellation = default)
    {
        var rows = table.Texts.Rows;
        for (var row = 0; row < rows; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            var concept = table.ByTextRow(row);
            if (concept.Born <= sequence && concept.Died > sequence)
            {
                yield return concept;
            }
        }
    }

    private static IEnumerable<uint> AllRows(Segment segment)
    {
        for (uint row = 0; row < segment.Rows; row++)
        {
            yield return row;
        }
    }
}
