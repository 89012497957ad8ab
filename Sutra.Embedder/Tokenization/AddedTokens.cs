using System.Buffers;
using System.Globalization;

namespace Sutra.Embedder.Tokenization;

/// <summary>One entry of <c>added_tokens</c>: found in the raw text before anything else looks at it.</summary>
/// <param name="SingleWord">Only where no word character touches it.</param>
internal sealed record AddedToken(string Content, int Id, bool SingleWord, bool Special);

/// <summary>Finds added tokens (<c>[SEP]</c> and the like) in raw text: leftmost, and the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(token => token.Content.Length)];
        _contents = SearchValues.Create([.. _longestFirst.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <returns>Where the next one begins, or -1.</returns>
    public int Find(ReadOnlySpan<char> text, int from, out AddedToken? found)
    {
        found = null;
        if (_longestFirst.Length == 0)
        {
            return -1;
        }

        while (from < text.Length)
        {
            var at = text[from..].IndexOfAny(_contents);
            if (at < 0)
            {
                return -1;
            }

            at += from;
            foreach (var token in _longestFirst)
            {
                if (text[at..].StartsWith(token.Content, StringComparison.Ordinal))
                {
                    if (!token.SingleWord || StandsAlone(text, at, token.Content.Length))
                    {
                        found = token;
                        return at;
                    }

                    break;
                }
            }

            from = at + 1;
        }

        return -1;
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int at, int length) =>
        (at == 0 || !IsWord(text[at - 1])) && (at + length == text.Length || !IsWord(text[at + length]));

    private static bool IsWord(char character) => char.IsLetterOrDigit(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
