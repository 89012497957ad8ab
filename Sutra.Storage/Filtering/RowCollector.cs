using Sutra.Storage.Concepts;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Filtering;

/// <summary>Where the tests of a filter find the rows of a segment that pass, as it is worked out once.</summary>
/// <param name="segment">Whose rows.</param>
/// <param name="image">Its filter section.</param>
/// <param name="cancellation">Of who asks.</param>
internal sealed class RowCollector(Segment segment, FilterImage image, CancellationToken cancellation)
{
    public FilterImage Image => image;

    public uint Rows => segment.Rows;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Adds the rows whose model's name is accepted.</summary>
    public void AddModels(TextNode node, Span<ulong> words)
    {
        var accepted = segment.Parts.Where(part => node.Accepts(ConceptRecord.Utf8(part.Model))).ToList();
        if (accepted.Count == segment.Parts.Count)
        {
            RowBits.Fill(words, Rows);
            return;
        }

        foreach (var part in accepted)
        {
            for (uint slot = 0; slot < part.View.Count; slot++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (part.RowOf(slot) is not RowEntry.None and var row)
                {
                    RowBits.Add(words, row);
                }
            }
        }
    }

    /// <summary>Adds the rows whose id is in a range, both ends included.</summary>
    public void AddIds(ReadOnlySpan<(ulong Low, ulong High)> ranges, Span<ulong> words)
    {
        foreach (var (low, high) in ranges)
        {
            cancellation.ThrowIfCancellationRequested();
            segment.AddIds(low, high, words);
        }
    }
}
