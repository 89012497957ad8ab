using System.Globalization;
using System.Text;

namespace Sutra.Embedder.Tokenization.Splitting;

/// <summary>
/// Text as .NET's regular expressions can read it. They take UTF-16 units for characters, so that a letter beyond the basic
/// plane is no letter to them: here each such character is one character of the same category that patterns do not name.
/// </summary>
internal sealed class RegexText
{
    // By UnicodeCategory; all within the basic plane, and rare.
    private static readonly char[] Proxies = MakeProxies();

    // What a longer text needed is given up after it.
    private const int KeepAtMost = 1 << 20;

    private char[] _chars = [];
    private int[] _positions = [];

    /// <summary>The characters that stand for others: a pattern that names one of them cannot be told apart.</summary>
    public static ReadOnlySpan<char> Names => Proxies;

    public void Clear()
    {
        if (_chars.Length > KeepAtMost)
        {
            (_chars, _positions) = ([], []);
        }
    }

    /// <summary>The text to match in.</summary>
    public ReadOnlySpan<char> Take(ReadOnlySpan<char> text, out bool isProxy)
    {
        isProxy = text.ContainsAnyInRange('\uD800', '\uDFFF');
        if (!isProxy)
        {
            return text;
        }

        if (_chars.Length < text.Length + 1)
        {
            _chars = new char[text.Length + 64];
            _positions = new int[text.Length + 64];
        }

        var length = 0;
        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text[i..], out var rune, out var consumed);
            _positions[length] = i;
            _chars[length++] = UnitFor(rune);
            i += consumed;
        }

        _positions[length] = text.Length;
        return _chars.AsSpan(0, length);
    }

    /// <summary>A character itself, or what stands for it.</summary>
    public static char UnitFor(Rune rune) => rune.IsBmp ? (char)rune.Value : Proxies[(int)Rune.GetUnicodeCategory(rune)];

    /// <summary>Where in the text an index into the proxy stands.</summary>
    public int PositionOf(int index) => _positions[index];

    private static char[] MakeProxies()
    {
        var proxies = new char[30];
        for (var c = 0xFFFC; c > 0x2E00; c--)
        {
            // Not what has case, for then another character would match it where case is ignored.
            var category = CharUnicodeInfo.GetUnicodeCategory((char)c);
            if (c is >= 0xD800 and < 0xE000 || proxies[(int)category] != 0 || char.ToUpperInvariant((char)c) != char.ToLowerInvariant((char)c))
            {
                continue;
            }

            proxies[(int)category] = (char)c;
        }

        // Categories with case, and those of which little lies up there: from further below.
        for (var c = 0x2DFF; c > 0; c--)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory((char)c);
            proxies[(int)category] = proxies[(int)category] == 0 ? (char)c : proxies[(int)category];
        }

        return proxies;
    }
}
