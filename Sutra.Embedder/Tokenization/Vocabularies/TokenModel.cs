using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>Where in a piece a token stands, in UTF-16 units.</summary>
internal readonly record struct TokenPlace(int Start, int Stop);

/// <summary>A vocabulary, and how a piece of text is made of it. Thread-safe.</summary>
internal abstract class TokenModel
{
    /// <summary>Entries; ids may have gaps.</summary>
    public abstract int Count { get; }

    /// <summary>Every entry with its id.</summary>
    public abstract IEnumerable<KeyValuePair<string, int>> Entries { get; }

    public abstract bool TryGetId(string token, out int id);

    /// <summary>Appends the tokens of <paramref name="piece"/>.</summary>
    /// <param name="places">Gets a place for every token, when asked for.</param>
    public abstract void Encode(ReadOnlySpan<char> piece, Workspace workspace, TokenBuffer tokens, List<TokenPlace>? places);
}
