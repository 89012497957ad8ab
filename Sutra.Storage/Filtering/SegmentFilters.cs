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

    public uint Rows => _segment.Rows;

    /// <summary>The rows that match, dead or alive.</summary>
    /// <exception cref="SegmentCorruptException">The section is not what was written.</exception>
    public SegmentMatch Match(CompiledFilter filter) => _recent.Get(filter);

    /// <summary>Adds the rows whose model's name is accepted.</summary>
    public void AddModels(TextNode node, Span<ulong> words)
    {
        var accepted = _segment.Parts.Select(part => node.Accepts(Concepts.ConceptRecord.Utf8(part.Model))).ToArray();
        if (Array.TrueForAll(accepted, part => part))
        {
            RowBits.Fill(words, Rows);
            return;
        }

        for (uint row = 0; row < Rows && accepted.Contains(value: true); row++)
        {
            if (accepted[_segment.PartNumber(row)])
            {
                RowBits.Add(words, row);
            }
        }
    }

    /// <summary>Adds the rows whose id is in a range, both ends included.</summary>
    public void AddIds(ReadOnlySpan<(ulong Low, ulong High)> ranges, Span<ulong> words)
    {
        foreach (var (low, high) in ranges)
        {
            if (low == high)
            {
                if (_segment.TryFind(new Concepts.ConceptId(low), out var found, out _))
                {
                    RowBits.Add(words, found);
                }

                continue;
            }

            for (uint row = 0; row < Rows; row++)
            {
                if (_segment.Id(row).Value is var id && id >= low && id <= high)
                {
                    RowBits.Add(words, row);
                }
            }
        }
    }

    private SegmentMatch Evaluate(CompiledFilter filter)
    {
        var words = new ulong[RowBits.Words(Rows)];
        try
        {
            filter.Root.Collect(this, words);
        }
        catch (InvalidDataException e)
        {
            throw new SegmentCorruptException($"'{_segment.Path}' is corrupt: {e.Message}.", e);
        }

        return new SegmentMatch(_segment, words);
    }
}
