using Sutra.Embedder.Tokenization.Splitting;
using Sutra.Embedder.Tokenization.Vocabularies;

namespace Sutra.Embedder.Tokenization.Text;

/// <summary>
/// All that encoding one text needs; used by one thread at a time, and used again, so that a warm tokenizer allocates nothing.
/// Each step reads <see cref="Text"/> and <see cref="Pieces"/>, writes their spares, and swaps.
/// </summary>
internal sealed class Workspace
{
    public TextBuffer Text { get; private set; } = new();

    public TextBuffer SpareText { get; private set; } = new();

    public PieceList Pieces { get; private set; } = new();

    public PieceList SparePieces { get; private set; } = new();

    public PartList Parts { get; } = new();

    public PartList Matches { get; } = new();

    /// <summary>Ids of words seen before; made with this workspace's tokenizer.</summary>
    public WordCache Words { get; } = new();

    public MergeQueue Merges { get; } = new();

    public UnigramPath Path { get; } = new();

    public RegexText Regex { get; } = new();

    /// <summary>Forgets the text; what only a very long one needs is given up.</summary>
    public void Clear()
    {
        Text.Clear(Text.Tracks);
        SpareText.Clear(SpareText.Tracks);
        Pieces.Clear();
        SparePieces.Clear();
        Parts.Clear();
        Matches.Clear();
        Merges.Clear();
        Path.Clear(0);
        Regex.Clear();
    }

    public void SwapText() => (Text, SpareText) = (SpareText, Text);

    public void SwapPieces() => (Pieces, SparePieces) = (SparePieces, Pieces);
}
