using System.Runtime.CompilerServices;
using System.Text;
using Sutra.Embedder.Tokenization.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>
/// The word patterns of GPT-2 and of its successors, scanned by hand: in one pass, whatever the text. They cover every text,
/// so what they match is all there is.
/// </summary>
internal sealed class WordPattern : Splitter
{
    private static readonly byte[] Kinds = MakeKinds();

    private readonly bool _modern;
    private readonly int _maxDigits;

    /// <param name="modern">As from cl100k on: contractions in any case, any one character before letters, line breaks by themselves.</param>
    private WordPattern(bool modern, int maxDigits)
    {
        _modern = modern;
        _maxDigits = maxDigits;
    }

    /// <summary>As ByteLevel splits.</summary>
    public static WordPattern Gpt2 { get; } = new(modern: false, int.MaxValue);

    /// <summary>The scanner for a regular expression that is one of the known ones; else null.</summary>
    public static WordPattern? For(string regex) => regex switch
    {
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+" => Gpt2,
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+" => new(modern: true, 3),
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+" => new(modern: true, 1),
        _ => null,
    };

    private const byte Other = 0;
    private const byte Letter = 1;
    private const byte Number = 2;
    private const byte Space = 3;
    private const byte Break = 4;

    protected override void Split(Workspace workspace, int start, int stop, PieceList target)
    {
        var text = workspace.Text.Chars[..stop];
        for (var i = start; i < stop;)
        {
            var end = NextWord(text, i);
            target.Add(i, end);
            i = end;
        }
    }

    private int NextWord(ReadOnlySpan<char> text, int at)
    {
        var kind = Kind(text, at, out var consumed);
        var next = at + consumed;
        if (text[at] == '\'' && Contraction(text, at) is var contraction and > 0)
        {
            return at + contraction;
        }

        if (kind == Letter)
        {
            return Skip(text, at, Letter);
        }

        if (kind == Number)
        {
            return Digits(text, at);
        }

        var following = next < text.Length ? Kind(text, next, out _) : byte.MaxValue;
        if (following == Letter && (text[at] == ' ' || (_modern && kind != Break)))
        {
            return Skip(text, next, Letter);
        }

        if (text[at] == ' ' && following == Number && !_modern)
        {
            return Skip(text, next, Number);
        }

        if (kind == Other || (text[at] == ' ' && following == Other))
        {
            var end = Skip(text, kind == Other ? at : next, Other);
            return _modern ? Skip(text, end, Break) : end;
        }

        return Spaces(text, at);
    }

    // \s*[\r\n]+ | \s+(?!\S) | \s+
    private int Spaces(ReadOnlySpan<char> text, int at)
    {
        var (end, afterBreak) = (at, -1);
        while (end < text.Length && Kind(text, end, out _) is var kind and (Space or Break))
        {
            end++;
            afterBreak = kind == Break ? end : afterBreak;
        }

        return _modern && afterBreak > 0 ? afterBreak : end < text.Length && end - at > 1 ? end - 1 : end;
    }

    private int Digits(ReadOnlySpan<char> text, int at)
    {
        for (var count = 0; at < text.Length && count < _maxDigits && Kind(text, at, out var consumed) == Number; count++)
        {
            at += consumed;
        }

        return at;
    }

    private static int Skip(ReadOnlySpan<char> text, int at, byte kind)
    {
        while (at < text.Length && Kind(text, at, out var consumed) == kind)
        {
            at += consumed;
        }

        return at;
    }

    /// <returns>Length of the contraction that begins here, or 0.</returns>
    private int Contraction(ReadOnlySpan<char> text, int at)
    {
        var (first, second) = (Folded(text, at + 1), Folded(text, at + 2));
        return (first, second) switch
        {
            ('s' or 't', _) => 2,
            ('r' or 'v', 'e') => 3,
            ('m', _) => 2,
            ('l', 'l') => 3,
            ('d', _) => 2,
            _ => 0,
        };
    }

    // U+017F, the long s, is an s when case does not matter.
    private char Folded(ReadOnlySpan<char> text, int at) => at >= text.Length ? '\0'
        : !_modern ? text[at]
        : text[at] == '\u017F' ? 's'
        : char.ToLowerInvariant(text[at]) is var lower and < '\u0080' && text[at] < '\u0080' ? lower : text[at];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Kind(ReadOnlySpan<char> text, int at, out int consumed)
    {
        var character = text[at];
        consumed = 1;
        return char.IsSurrogate(character) ? KindBeyond(text, at, out consumed) : Kinds[character];
    }

    private static byte KindBeyond(ReadOnlySpan<char> text, int at, out int consumed)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out consumed);
        return KindOf(rune);
    }

    private static byte KindOf(Rune rune) => rune.Value is '\r' or '\n' ? Break
        : Rune.IsLetter(rune) ? Letter
        : Rune.IsNumber(rune) ? Number
        : Rune.IsWhiteSpace(rune) ? Space
        : Other;

    private static byte[] MakeKinds()
    {
        var kinds = new byte[65536];
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] = Rune.TryCreate((char)i, out var rune) ? KindOf(rune) : Other;
        }

        return kinds;
    }
}
