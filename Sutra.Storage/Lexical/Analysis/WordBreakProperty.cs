using System.Globalization;
using System.Text;

namespace Sutra.Storage.Lexical.Analysis;

/// <summary>
/// The values of the property Word_Break (UAX #29, table 3), as bits, so that a rule about several is one test; and two bits more
/// that the analyser needs.
/// </summary>
[Flags]
internal enum WordBreak : uint
{
    Other = 0,
    CR = 1 << 0,
    LF = 1 << 1,
    Newline = 1 << 2,
    Extend = 1 << 3,
    ZeroWidthJoiner = 1 << 4,
    Format = 1 << 5,
    RegionalIndicator = 1 << 6,
    Katakana = 1 << 7,
    HebrewLetter = 1 << 8,
    Letter = 1 << 9,
    SingleQuote = 1 << 10,
    DoubleQuote = 1 << 11,
    MidNumLet = 1 << 12,
    MidLetter = 1 << 13,
    MidNum = 1 << 14,
    Numeric = 1 << 15,
    ExtendNumLet = 1 << 16,
    Space = 1 << 17,

    /// <summary>Extended_Pictographic, which may stand beside another value.</summary>
    Pictographic = 1 << 18,

    /// <summary>Of a script whose words are not told apart by spaces (and Hangul, whose particles hang on the word).</summary>
    Continuous = 1 << 19,

    /// <summary>Han: a character is a word, or near enough.</summary>
    Ideograph = 1 << 20,

    AnyLetter = Letter | HebrewLetter,
    MidNumLetQuote = MidNumLet | SingleQuote,
    Ignored = Extend | Format | ZeroWidthJoiner,
    LineEnd = CR | LF | Newline,
}

/// <summary>
/// Word_Break of a character, worked out from general categories, which .NET has, and the exceptions, which stand here
/// (WordBreakProperty.txt, emoji-data.txt and LineBreak.txt of Unicode 14, compared over all code points).
/// </summary>
internal static class WordBreakProperty
{
    // First and last of each range. Above U+1F000 almost everything without a letter's category is pictographic: see Of.
    private static readonly ushort[] PictographicRanges =
    [
        0xA9, 0xA9, 0xAE, 0xAE, 0x203C, 0x203C, 0x2049, 0x2049, 0x2122, 0x2122, 0x2139, 0x2139, 0x2194, 0x2199, 0x21A9, 0x21AA, 0x231A, 0x231B,
        0x2328, 0x2328, 0x2388, 0x2388, 0x23CF, 0x23CF, 0x23E9, 0x23F3, 0x23F8, 0x23FA, 0x24C2, 0x24C2, 0x25AA, 0x25AB, 0x25B6, 0x25B6, 0x25C0, 0x25C0,
        0x25FB, 0x25FE, 0x2600, 0x2605, 0x2607, 0x2612, 0x2614, 0x2685, 0x2690, 0x2705, 0x2708, 0x2712, 0x2714, 0x2714, 0x2716, 0x2716, 0x271D, 0x271D,
        0x2721, 0x2721, 0x2728, 0x2728, 0x2733, 0x2734, 0x2744, 0x2744, 0x2747, 0x2747, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757,
        0x2763, 0x2767, 0x2795, 0x2797, 0x27A1, 0x27A1, 0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2934, 0x2935, 0x2B05, 0x2B07, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50,
        0x2B55, 0x2B55, 0x3030, 0x3030, 0x303D, 0x303D, 0x3297, 0x3297, 0x3299, 0x3299,
    ];

    private static readonly uint[] SupplementaryPictographicRanges =
    [
        0x1F000, 0x1F0FF, 0x1F10D, 0x1F10F, 0x1F12F, 0x1F12F, 0x1F16C, 0x1F171, 0x1F17E, 0x1F17F, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F1AD, 0x1F1E5,
        0x1F201, 0x1F20F, 0x1F21A, 0x1F21A, 0x1F22F, 0x1F22F, 0x1F232, 0x1F23A, 0x1F23C, 0x1F23F, 0x1F249, 0x1F3FA, 0x1F400, 0x1F53D, 0x1F546, 0x1F64F,
        0x1F680, 0x1F6FF, 0x1F774, 0x1F77F, 0x1F7D5, 0x1F7FF, 0x1F80C, 0x1F80F, 0x1F848, 0x1F84F, 0x1F85A, 0x1F85F, 0x1F888, 0x1F88F, 0x1F8AE, 0x1F8FF,
        0x1F90C, 0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1FAFF, 0x1FC00, 0x1FFFD,
    ];

    // Letters by Word_Break that are none by category (modifier symbols and the like).
    private static readonly ushort[] MoreLetters =
    [
        0x2C2, 0x2C5, 0x2D2, 0x2D7, 0x2DE, 0x2DF, 0x2E5, 0x2EB, 0x2ED, 0x2ED, 0x2EF, 0x2FF, 0x55A, 0x55C, 0x55E, 0x55E, 0x58A, 0x58A, 0x5F3, 0x5F3,
        0x24B6, 0x24E9, 0xA708, 0xA716, 0xA720, 0xA721, 0xA789, 0xA78A, 0xAB5B, 0xAB5B,
    ];

    // Line_Break=SA, the scripts of South East Asia: their letters are Other. Marks and digits among them go by category.
    private static readonly uint[] SouthEastAsian =
    [
        0xE01, 0xE4E, 0xE81, 0xEDF, 0x1000, 0x103F, 0x1050, 0x108F, 0x109A, 0x109F, 0x1780, 0x17DC, 0x1950, 0x1974, 0x1980, 0x19C9, 0x19DA, 0x19DF,
        0x1A20, 0x1AAD, 0xA9E0, 0xA9EF, 0xA9FA, 0xA9FE, 0xAA60, 0xAADF, 0x11700, 0x1172B, 0x1173A, 0x11746,
    ];

    private static readonly uint[] KatakanaRanges =
    [
        0x3031, 0x3035, 0x309B, 0x309C, 0x30A0, 0x30FA, 0x30FC, 0x30FF, 0x31F0, 0x31FF, 0x32D0, 0x32FE, 0x3300, 0x3357, 0xFF66, 0xFF9D,
        0x1AFF0, 0x1AFFE, 0x1B000, 0x1B000, 0x1B120, 0x1B122, 0x1B164, 0x1B167,
    ];

    private static readonly uint[] IdeographRanges = [0x3005, 0x3007, 0x3021, 0x3029, 0x3038, 0x303B, 0x3400, 0x4DBF, 0x4E00, 0x9FFF, 0xF900, 0xFAFF, 0x17000, 0x18DFF, 0x1B170, 0x1B2FF, 0x20000, 0x3FFFD];

    private static readonly uint[] HiraganaRanges = [0x3041, 0x3096, 0x309D, 0x309F, 0x1B001, 0x1B11F, 0x1B150, 0x1B152, 0x1F200, 0x1F200];

    private static readonly uint[] Table = BuildTable();

    /// <summary>Of the character at <paramref name="at"/>; a surrogate without its half is Other.</summary>
    public static WordBreak Of(ReadOnlySpan<char> text, int at, out int length)
    {
        var c = text[at];
        length = 1;
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            length = 2;
            return Of((uint)char.ConvertToUtf32(c, text[at + 1]));
        }

        return (WordBreak)Table[c];
    }

    /// <summary>Of a UTF-16 unit that is a character by itself.</summary>
    public static WordBreak Of(char c) => (WordBreak)Table[c];

    private static uint[] BuildTable()
    {
        var table = new uint[char.MaxValue + 1];
        for (uint c = 0; c <= char.MaxValue; c++)
        {
            table[c] = c is >= 0xD800 and <= 0xDFFF ? 0 : (uint)Of(c);
        }

        return table;
    }

    private static WordBreak Of(uint c)
    {
        var value = WithoutPictographs(c);
        var pictographic = c <= char.MaxValue ? InRanges(PictographicRanges, (ushort)c) : InRanges(SupplementaryPictographicRanges, c);
        return pictographic ? value | WordBreak.Pictographic : value;
    }

    private static WordBreak WithoutPictographs(uint c)
    {
        switch (c)
        {
            case '\r': return WordBreak.CR;
            case '\n': return WordBreak.LF;
            case 0x0B or 0x0C or 0x85 or 0x2028 or 0x2029: return WordBreak.Newline;
            case 0x200D: return WordBreak.ZeroWidthJoiner;
            case 0x200C or (>= 0x1F3FB and <= 0x1F3FF) or 0xFF9E or 0xFF9F: return WordBreak.Extend;
            case 0x200B: return WordBreak.Other;
            case >= 0x1F1E6 and <= 0x1F1FF: return WordBreak.RegionalIndicator;
            case '\'': return WordBreak.SingleQuote;
            case '"': return WordBreak.DoubleQuote;
            case '.' or 0x2018 or 0x2019 or 0x2024 or 0xFE52 or 0xFF07 or 0xFF0E: return WordBreak.MidNumLet;
            case ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2027 or 0xFE13 or 0xFE55 or 0xFF1A: return WordBreak.MidLetter;
            case ',' or ';' or 0x37E or 0x589 or 0x60C or 0x60D or 0x66C or 0x7F8 or 0x2044 or 0xFE10 or 0xFE14 or 0xFE50 or 0xFE54 or 0xFF0C or 0xFF1B: return WordBreak.MidNum;
            case 0x66B: return WordBreak.Numeric;
            case 0x202F: return WordBreak.ExtendNumLet;
            case 0x20 or 0x1680 or (>= 0x2000 and <= 0x2006) or (>= 0x2008 and <= 0x200A) or 0x205F or 0x3000: return WordBreak.Space;
            case >= 0x1F130 and <= 0x1F189 when !Rune.IsLetter(new Rune(c)): return c is <= 0x1F149 or (>= 0x1F150 and <= 0x1F169) or >= 0x1F170 ? WordBreak.Letter : WordBreak.Other;
            default: return ByCategory(c);
        }
    }

    private static WordBreak ByCategory(uint c)
    {
        switch (CharUnicodeInfo.GetUnicodeCategory((int)c))
        {
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark: return WordBreak.Extend;
            case UnicodeCategory.Format: return WordBreak.Format;
            case UnicodeCategory.DecimalDigitNumber when c is not (>= 0x19DA and <= 0x19DF): return WordBreak.Numeric;
            case UnicodeCategory.ConnectorPunctuation: return WordBreak.ExtendNumLet;
        }

        if (InRanges(KatakanaRanges, c))
        {
            return WordBreak.Katakana | WordBreak.Continuous;
        }

        if (InRanges(IdeographRanges, c))
        {
            return c is 0x3005 or 0x303B ? WordBreak.Letter | WordBreak.Continuous | WordBreak.Ideograph : WordBreak.Continuous | WordBreak.Ideograph;
        }

        var letter = CharUnicodeInfo.GetUnicodeCategory((int)c) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber;
        if (InRanges(HiraganaRanges, c) || (letter && InRanges(SouthEastAsian, c)))
        {
            return WordBreak.Continuous;
        }

        if (c is >= 0x5D0 and <= 0x5F2 or (>= 0xFB1D and <= 0xFB4F and not 0xFB29))
        {
            return letter ? WordBreak.HebrewLetter : WordBreak.Other;
        }

        if (!letter)
        {
            return c <= char.MaxValue && InRanges(MoreLetters, (ushort)c) ? WordBreak.Letter : WordBreak.Other;
        }

        var hangul = c is (>= 0xAC00 and <= 0xD7FB) or (>= 0x1100 and <= 0x11FF) or (>= 0x3131 and <= 0x318E) or (>= 0xA960 and <= 0xA97C) or (>= 0xFFA0 and <= 0xFFDC);
        return hangul ? WordBreak.Letter | WordBreak.Continuous : WordBreak.Letter;
    }

    private static bool InRanges<T>(T[] ranges, T c)
        where T : IComparable<T>
    {
        var at = Array.BinarySearch(ranges, c);
        return at >= 0 || (~at & 1) == 1;
    }
}
