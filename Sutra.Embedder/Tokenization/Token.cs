namespace Sutra.Embedder.Tokenization;

/// <summary>Which end of a text stays unread when it is longer than the model reads.</summary>
public enum TruncationSide
{
    /// <summary>The end is cut.</summary>
    Right,

    /// <summary>The beginning is cut.</summary>
    Left,
}

/// <summary>One token of a text.</summary>
/// <param name="Text">The piece as the vocabulary writes it.</param>
/// <param name="IsSpecial">The file says that it is a special token, or its template adds it.</param>
/// <param name="Start">Where in the text it begins, in UTF-16 units; 0 for what the template adds.</param>
/// <param name="Stop">Where it ends, exclusive; 0 for what the template adds.</param>
public readonly record struct Token(int Id, string Text, bool IsSpecial, int Start, int Stop);
