using Sutra.Storage.Concepts;

namespace Sutra.Storage.Engine;

/// <summary>Everything in one state.</summary>
internal static class ViewScan
{
    public static IEnumerable<StoredConcept> All(EngineView view)
    {
        foreach (var table in new[] { view.Active, view.Frozen }.OfType<MemoryTable>())
        {
            foreach (var concept in InMemory(table, view.Sequence))
            {
                yield return concept;
            }
        }

        foreach (var segment in view.Segments)
        {
            for (uint row = 0; row < segment.Segment.Rows; row++)
            {
                if (segment.Segment.IsVisible(row, view.Sequence) && StoredConcept.Of(segment.Segment, row) is { } concept)
                {
                    yield return concept;
                }
            }
        }
    }

    /// <summary>Of all versions that ever were in the table: those that were replaced since may belong to the state.</summary>
    public static IEnumerable<StoredConcept> InMemory(MemoryTable table, ulong sequence)
    {
        var rows = table.Texts.Rows;
        for (var row = 0; row < rows; row++)
        {
            var concept = table.ByTextRow(row);
            if (concept.Born <= sequence && concept.Died > sequence)
            {
                yield return concept;
            }
        }
    }
}
