using System.Buffers;
using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization;

/// <summary>One entry of <c>added_tokens</c>: found in a text before it is split.</summary>
/// <param name="SingleWord">Only where no word character touches it.</param>
/// <param name="StripLeft">Takes the white space before it.</param>
/// <param name="StripRight">Takes the white space behind it.</param>
/// <param name="Normalized">Looked for in the normalised text, itself normalised; else in the text as it is.</param>
/// <param name="Special">Left out when decoding, if wanted.</param>
internal sealed record AddedToken(string Content, int Id, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special);

/// <summary>Where an added token was found, with the white space that it takes.</summary>
/// <param name="Next">Where to look for the next one.</param>
internal readonly record struct AddedTokenMatch(AddedToken Token, int Start, int Stop, int Next);

/// <summary>Finds added tokens (<c>[SEP]</c> and the like): leftmost, and the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _tokens;
    private readonly int[] _lengths;
    private readonly SearchValues<string> _contents;

    /// <param name="tokens">What to look for, not empty, and what that is; the first of equals counts.</param>
    public AddedTokens(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var byContent = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var (content, token) in tokens)
        {
            byContent.TryAdd(content, token);
        }

        _tokens = byContent.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = [.. byContent.Keys.Select(content => content.Length).Distinct().OrderDescending()];
        _contents = SearchValues.Create([.. byContent.Keys], StringComparison.Ordinal);
    }

    public bool IsEmpty => _lengths.Length == 0;

    /// <summary>The next added token from <paramref name="from"/> on.</summary>
    /// <param name="taken">What lies before is another token's, white space included.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, int taken, out AddedTokenMatch match)
    {
        match = default;
        while (!IsEmpty && from < text.Length)
        {
            var at = text[from..].IndexOfAny(_contents);
            if (at < 0)
            {
                return false;
            }

            at += from;
            var token = Longest(text[at..], out var length);
            if (!token.SingleWord || StandsAlone(text, at, length))
            {
                var start = token.StripLeft ? Math.Max(text[..at].TrimEnd().Length, taken) : at;
                var next = at + length;
                var stop = token.StripRight ? text.Length - text[next..].TrimStart().Length : next;
                match = new AddedTokenMatch(token, start, stop, next);
                return true;
            }

            from = at + length;
        }

        return false;
    }

    private AddedToken Longest(ReadOnlySpan<char> text, out int length)
    {
        foreach (var candidate in _lengths)
        {
            if (candidate <= text.Length && _tokens.TryGetValue(text[..candidate], out var token))
            {
                length = candidate;
                return token;
            }
        }

        throw new InvalidOperationException("A content was found that no token has.");
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int at, int length)
    {
        var before = text[..at];
        var after = text[(at + length)..];
        var free = before.IsEmpty || Rune.DecodeLastFromUtf16(before, out var left, out _) != OperationStatus.Done || !RustUnicode.IsWord(left);
        return free && (after.IsEmpty || Rune.DecodeFromUtf16(after, out var right, out _) != OperationStatus.Done || !RustUnicode.IsWord(right));
    }
}
