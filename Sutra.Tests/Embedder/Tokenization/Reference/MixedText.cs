using System.Text;

namespace Sutra.Tests.Embedder.Tokenization.Reference;

/// <summary>Seeded lines of all that tokenizers stumble over; without half surrogate pairs, which no request may have.</summary>
internal sealed class MixedText(int seed)
{
    private static readonly string[] Words =
    [
        "the", "memory", "of", "vectors", "Embedding", "tokenizers", "is", "running", "unaffable", "HTTPServer", "don't", "we'll", "IT'S", "they've", "I'm",
        "naïve", "café", "Übergrößenträger", "São", "Ελληνικά", "ΟΔΟΣ", "предложение", "İstanbul", "straße", "ﬁnance", "½", "x²", "東京", "語彙", "ひらがな",
        "カタカナ", "한국어", "中文", "𠀀𠀁", "𝒳𝓎", "𝟘𝟙", "שלום", "العربية", "हिन्दी", "क्षत्रिय", "ภาษาไทย", "தமிழ்", "1234567", "3.14", "٣٤٥", "𞤀𞤣", "e\u0301",
        "o\u0302\u0301", "A\u030A", "\u1100\u1161\u11A8", "ａｂｃ１", "㍿", "①", "™", "…", "—", "‘quoted’", "“q”", "¿qué?", "foo_bar", "a-b", "x==y", "#define",
    ];

    private static readonly string[] Emoji =
    [
        "🙂", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "❤️", "🧑🏿‍🚀", "🫠", "©️", "🏴\U000E0067\U000E0062\U000E007F", "☺︎",
    ];

    private static readonly string[] Spaces =
    [
        " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00A0", "\u2003", "\u3000", "\u2028", "\u0085", "\u000B", "\u1680", "\u200B", "\u180E", "\uFEFF", " \n ", "\r",
    ];

    private static readonly string[] Controls = ["\0", "\u0001", "\u0007", "\u001B", "\u007F", "\u0090", "\u00AD", "\u200D", "\u200E", "\u2060", "\uFFFD", "\uFFFE", "\uE000", "\u0378"];

    private static readonly string[] Code =
    [
        "if (a[i] != 0x7FFF) { return &b->c; }", "for i in range(10):\n    print(f\"{i:>4}\")", "SELECT * FROM t WHERE x='1';", "<a href=\"/x?y=1&z=2\">", "std::vector<int>{1,2}",
        "C:\\Windows\\System32", "git commit -m 'x' && make -j8", "\t\treturn;\n\n\n}", "/* ---- */", "λx.x", "a+=1e-9;//done",
    ];

    // Blocks of which lines are made that look like their script; marks included.
    private static readonly (int From, int To)[] Blocks =
    [
        (0x0020, 0x007E), (0x00A0, 0x024F), (0x0300, 0x036F), (0x0370, 0x03FF), (0x0400, 0x04FF), (0x0590, 0x05F4), (0x0600, 0x06FF), (0x0900, 0x097F), (0x0E00, 0x0E5B),
        (0x0B80, 0x0BFF), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x2BFF), (0x3040, 0x30FF), (0x3130, 0x318F), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFB00, 0xFDFF), (0xFE70, 0xFEFF), (0xFF00, 0xFFEF), (0x10000, 0x10FFF), (0x11000, 0x11FFF), (0x1D000, 0x1D7FF), (0x1F000, 0x1FAFF), (0x20000, 0x2A6DF),
        (0x2F800, 0x2FA1F), (0xE0000, 0xE01EF),
    ];

    private readonly Random _random = new(seed);

    /// <param name="added">Contents of added tokens, to be put inside.</param>
    public IReadOnlyList<string> Lines(int count, IReadOnlyList<string> added) => [.. Enumerable.Range(0, count).Select(i => Line(i, added))];

    private string Line(int index, IReadOnlyList<string> added)
    {
        var line = new StringBuilder();
        switch (index % 16)
        {
            case 0:
                return index switch { 0 => "", 16 => " ", 32 => "\n", 48 => "\u3000 \t", 64 => "'", 80 => "  a", 96 => "a  ", _ => Pick(Spaces) + Pick(Words) + Pick(Spaces) };
            case 1 when index % 160 == 1:
                // A word far beyond every limit.
                return string.Concat(Enumerable.Repeat(Pick(["a", "ab", "é", "e\u0301", "語", "🙂", "-", "9", "\u0301", " "]), 90 + _random.Next(3000)));
            case 1:
                Repeat(40, 120, () => line.Append((char)_random.Next('a', 'z' + 1)));
                return line.Append(Pick(Spaces)).Append(Pick(Words)).ToString();
            case 2:
                Repeat(1, 6, () => line.Append(Pick(Emoji)).Append(_random.Next(2) == 0 ? "" : Pick(Words)));
                break;
            case 3:
                Repeat(2, 10, () => line.Append(Pick(Words)).Append(Pick(Controls)).Append(Pick(Spaces)));
                break;
            case 4:
                Repeat(1, 3, () => line.Append(Pick(Code)).Append(Pick(Spaces)));
                break;
            case 5 or 6 or 7:
                var (from, to) = Blocks[_random.Next(Blocks.Length)];
                Repeat(3, 40, () => line.Append(_random.Next(6) == 0 ? " " : Rune(from, to)));
                break;
            case 8:
                Repeat(3, 30, () => line.Append(Rune(1, 0x10FFFF)));
                break;
            case 9:
                Repeat(3, 30, () => line.Append(Rune(0x20, 0x33FF)));
                break;
            case 10 or 11 when added.Count > 0:
                Repeat(1, 6, () => line.Append(Pick(Words)).Append(Pick(["", " ", "  ", "\t"])).Append(Pick(added)).Append(Pick(["", " ", "\n", "x", "́"])));
                break;
            case 12:
                Repeat(4, 20, () => line.Append(Pick(["'s", "'S", "'ll", "'Re", "'ſ", "’s", "1", "22", "333", "4444", "5.5", " ", "  ", "\n", " '", "d", "'t", "!", "!\n", " ?", ")", "_", "\u0301"])));
                break;
            default:
                Repeat(4, 25, () => line.Append(Pick(Words)).Append(_random.Next(5) == 0 ? Pick(Spaces) : _random.Next(6) == 0 ? Pick([",", ".", "!", "-", "/", "'"]) : " "));
                break;
        }

        return line.ToString();
    }

    private string Pick(IReadOnlyList<string> from) => from[_random.Next(from.Count)];

    private void Repeat(int least, int most, Action action)
    {
        for (var i = _random.Next(least, most); i > 0; i--)
        {
            action();
        }
    }

    private string Rune(int from, int to)
    {
        int value;
        do
        {
            value = _random.Next(from, to + 1);
        }
        while (value is >= 0xD800 and < 0xE000);

        return char.ConvertFromUtf32(value);
    }
}
