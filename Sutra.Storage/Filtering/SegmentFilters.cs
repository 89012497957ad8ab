using Sutra.Storage.Segments;

namespace Sutra.Storage.Filtering;

/// <summary>Answers filters for a segment. What it answered last it remembers: a segment never changes, and questions come with the same filters.</summary>
/// <param name="segment">Whose rows.</param>
/// <param name="image">Its filter section.</param>
internal sealed class SegmentFilters(Segment segment, FilterImage image)
{
    // Each is two bits a row, beside a vector's kilobyte.
    private const int Remembered = 8;

    private readonly Lock _lock = new();
    private readonly List<SegmentMatch> _matches = [];

    public FilterImage Image { get; } = image;

    public uint Rows => segment.Rows;

    /// <summary>The rows that match, dead or alive.</summary>
    /// <exception cref="SegmentCorruptException">The section is not what was written.</exception>
    public SegmentMatch Match(CompiledFilter filter)
    {
        lock (_lock)
        {
            var known = _matches.FindIndex(match => match.Key == filter.Key);
            if (known >= 0)
            {
                var match = _matches[known];
                _matches.RemoveAt(known);
                _matches.Add(match);
                return match;
            }
        }

        var words = new ulong[RowBits.Words(Rows)];
        try
        {
            filter.Root.Collect(this, words);
        }
        catch (InvalidDataException e)
        {
            throw new SegmentCorruptException($"'{segment.Path}' is corrupt: {e.Message}.", e);
        }

        var evaluated = new SegmentMatch(segment, filter.Key, words);
        lock (_lock)
        {
            // Another thread may have come first, which does no harm.
            _matches.Add(evaluated);
            if (_matches.Count > Remembered)
            {
                _matches.RemoveAt(0);
            }
        }

        return evaluated;
    }

    /// <summary>Adds the rows whose model's name is accepted.</summary>
    public void AddModels(TextNode node, Span<ulong> words)
    {
        var accepted = segment.Parts.Select(part => node.Accepts(Concepts.ConceptRecord.Utf8(part.Model))).ToArray();
        if (Array.TrueForAll(accepted, part => part))
        {
            RowBits.Fill(words, Rows);
            return;
        }

        for (uint row = 0; row < Rows && accepted.Contains(value: true); row++)
        {
            if (accepted[segment.PartNumber(row)])
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
                if (segment.TryFind(new Concepts.ConceptId(low), out var found, out _))
                {
                    RowBits.Add(words, found);
                }

                continue;
            }

            for (uint row = 0; row < Rows; row++)
            {
                if (segment.Id(row).Value is var id && id >= low && id <= high)
                {
                    RowBits.Add(words, row);
                }
            }
        }
    }
}
