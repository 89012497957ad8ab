using System.Runtime.InteropServices;

namespace Sutra.Models.Train.Extraction;

/// <summary>A page as plain text in reading order.</summary>
/// <param name="Title">From the front matter or the head; null = the first heading will do.</param>
internal sealed record Page(string? Title, string? Description, IReadOnlyList<Block> Blocks);

/// <param name="Text">The heading's text, the paragraph's, the term.</param>
/// <param name="Level">Of a heading: 1 to 6, or <see cref="Unranked"/>.</param>
/// <param name="Body">The term's definition.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Block(BlockKind Kind, string Text, int Level = 0, string? Body = null)
{
    /// <summary>A question or summary that stands between paragraphs: it has text, but no place among the headings.</summary>
    public const int Unranked = 7;
}

internal enum BlockKind
{
    Heading,
    Paragraph,
    Definition,
}
