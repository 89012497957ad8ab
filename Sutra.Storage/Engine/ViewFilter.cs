using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>One question's filter on one state: asked concept by concept in memory, once of each segment. For one thread.</summary>
internal sealed class ViewFilter(EngineView view, CompiledFilter filter, CancellationToken cancellation = default)
{
    private readonly SegmentMatch?[] _matches = new SegmentMatch?[view.Segments.Length];

    private readonly MemoryMatch _active = view.Active.Filters.Get(filter);
    private readonly MemoryMatch? _frozen = view.Frozen?.Filters.Get(filter);

    /// <param name="table">Of the view.</param>
    public MemoryMatch In(MemoryTable table) => table == view.Active ? _active : _frozen!;

    /// <param name="found">Of this view.</param>
    public bool Accepts(Found found) => found.Concept is { } concept
        ? (view.Active.Has(concept) ? _active : _frozen!).Accepts(concept)
        : In(Array.FindIndex(view.Segments, segment => segment.Segment == found.Segment)).Contains(found.Row);

    /// <param name="segment">Its place in the view.</param>
    /// <exception cref="SegmentCorruptException">Its filter section is not what was written.</exception>
    public SegmentMatch In(int segment) => _matches[segment] ??= view.Segments[segment].Segment.Filters.Match(filter, cancellation);

    /// <summary>The vectors that may be found.</summary>
    /// <param name="segment">Its place in the view.</param>
    /// <param name="part">Of it.</param>
    public SlotBitmap Slots(int segment, int part) => In(segment).Slots(part);

    /// <summary>Concepts of the state that match.</summary>
    public long Count()
    {
        long count = 0;
        foreach (var table in new[] { view.Active, view.Frozen }.OfType<MemoryTable>())
        {
            count += ViewScan.InMemory(table, view.Sequence, cancellation).Count(In(table).Accepts);
        }

        for (var i = 0; i < view.Segments.Length; i++)
        {
            var segment = view.Segments[i].Segment;
            count += segment.Live == segment.Rows ? In(i).Count : In(i).Rows.Count(row => IsVisible(segment, row));
        }

        return count;
    }

    private bool IsVisible(Segment segment, uint row)
    {
        cancellation.ThrowIfCancellationRequested();
        return segment.IsVisible(row, view.Sequence);
    }
}
