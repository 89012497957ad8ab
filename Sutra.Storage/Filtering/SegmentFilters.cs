using Sutra.Storage.Segments;

namespace Sutra.Storage.Filtering;

/// <summary>Answers filters for a segment. What it answered last it remembers: a segment never changes.</summary>
internal sealed class SegmentFilters
{
    private readonly Segment _segment;
    private readonly RecentFilters<SegmentMatch> _recent;

    /// <param name="segment">Whose rows.</param>
    /// <param name="image">Its filter section.</param>
    public SegmentFilters(Segment segment, FilterImage image)
    {
        _segment = segment;
        Image = image;
        _recent = new RecentFilters<SegmentMatch>(Evaluate);
    }

    public FilterImage Image { get; }

    /// <summary>The rows that match, dead or alive.</summary>
    /// <exception cref="SegmentCorruptException">The section is not what was written.</exception>
    public SegmentMatch Match(CompiledFilter filter, CancellationToken cancellation = default) => _recent.Get(filter, cancellation);

    private SegmentMatch Evaluate(CompiledFilter filter, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var words = new ulong[RowBits.Words(_segment.Rows)];
        try
        {
            filter.Root.Collect(new RowCollector(_segment, Image, cancellation), words);
        }
        catch (InvalidDataException e)
        {
            throw new SegmentCorruptException($"'{_segment.Path}' is corrupt: {e.Message}.", e);
        }

        return new SegmentMatch(_segment, words);
    }
}
