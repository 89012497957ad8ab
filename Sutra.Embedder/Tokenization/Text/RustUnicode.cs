using System.Globalization;
using System.Text;

namespace Sutra.Embedder.Tokenization.Text;

/// <summary>Questions about characters as Hugging Face's tokenizers, and the Rust libraries below them, answer them.</summary>
internal static class RustUnicode
{
    // Lower cases that Rust has and .NET's invariant casing has not; differences of 32 and 27 are left to the code.
    private static readonly Dictionary<int, int> LowerCases = new()
    {
        [0x1C89] = 0x1C8A, [0xA7CB] = 0x264, [0xA7CC] = 0xA7CD, [0xA7CE] = 0xA7CF, [0xA7D2] = 0xA7D3, [0xA7D4] = 0xA7D5,
        [0xA7DA] = 0xA7DB, [0xA7DC] = 0x19B,
    };

    /// <summary>Unicode's White_Space.</summary>
    public static bool IsWhiteSpace(Rune rune) => Rune.IsWhiteSpace(rune);

    /// <summary>ASCII punctuation and symbols, or Unicode punctuation.</summary>
    public static bool IsPunctuation(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~');
        }

        return Rune.IsPunctuation(rune)
            ? !UnicodeDifferences.NoPunctuation.Contains(rune.Value)
            : UnicodeDifferences.Punctuation.Contains(rune.Value);
    }

    /// <summary>What BertNormalizer strips as an accent.</summary>
    public static bool IsNonSpacingMark(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark
        ? !UnicodeDifferences.NoNonSpacingMarksForBert.Contains(rune.Value)
        : UnicodeDifferences.NonSpacingMarksForBert.Contains(rune.Value);

    /// <summary>What StripAccents strips.</summary>
    public static bool IsCombiningMark(Rune rune) => IsMark(rune)
        ? !UnicodeDifferences.NoCombiningMarks.Contains(rune.Value)
        : UnicodeDifferences.CombiningMarks.Contains(rune.Value);

    /// <summary>What BertNormalizer cleans away: control, format and private characters; unassigned ones stay.</summary>
    public static bool IsControl(Rune rune) => rune.Value is not ('\t' or '\n' or '\r')
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
        && !UnicodeDifferences.NoControlForBert.Contains(rune.Value);

    /// <summary>What Digits splits at: decimal digits, letter numbers and others.</summary>
    public static bool IsNumeric(Rune rune) => Rune.IsNumber(rune) || UnicodeDifferences.Numbers.Contains(rune.Value);

    /// <summary><c>\w</c> of Unicode's regular expressions.</summary>
    public static bool IsWord(Rune rune) => Rune.IsLetter(rune)
        || IsMark(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation
        || UnicodeDifferences.OtherWordCharacters.Contains(rune.Value);

    /// <summary>Lower case of one character, without its neighbours; returns how much was written, at most 2.</summary>
    public static int ToLower(Rune rune, Span<char> target)
    {
        // Unicode's one unconditional lower case of two characters.
        if (rune.Value == 0x130)
        {
            target[0] = 'i';
            target[1] = '\u0307';
            return 2;
        }

        var lower = Rune.ToLowerInvariant(rune);
        if (lower == rune && rune.Value >= 0x1C89)
        {
            lower = rune.Value switch
            {
                >= 0x10D50 and <= 0x10D65 => new Rune(rune.Value + 32),
                >= 0x16EA0 and <= 0x16EB8 => new Rune(rune.Value + 27),
                _ => LowerCases.TryGetValue(rune.Value, out var value) ? new Rune(value) : rune,
            };
        }

        return lower.EncodeToUtf16(target);
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
