using System.Globalization;
using System.Text;

namespace Sutra.Storage.Lexical.Analysis;

/// <summary>
/// What characters are taken as: lower case, without accents in Latin and Greek, without vowel points in Hebrew and Arabic; digits of all
/// scripts as ASCII. For text in NFKC. In other scripts marks tell words apart and stay, Cyrillic й included; only ё is taken as е.
/// </summary>
internal static class TermFold
{
    // Private use: no word has it, so it can stand for what becomes two letters.
    private const char FirstPair = '\uE000';
    private const string Pairs = "ssaeoethdzngtshvoiij";

    private static readonly char[] Map = BuildMap();

    /// <summary>Folds into UTF-8 and stops where the next character does not fit.</summary>
    /// <param name="text">Characters of a word; apostrophes and format characters are dropped.</param>
    /// <param name="utf8">Room for the term.</param>
    /// <param name="letters">Whether nothing but a to z came out.</param>
    /// <returns>Bytes written.</returns>
    public static int Fold(ReadOnlySpan<char> text, Span<byte> utf8, out bool letters)
    {
        letters = true;
        var at = 0;
        for (var i = 0; i < text.Length && at + 4 <= utf8.Length; i++)
        {
            var c = text[i];
            if (char.IsSurrogate(c))
            {
                letters = false;
                if (Rune.DecodeFromUtf16(text[i..], out var rune, out _) != System.Buffers.OperationStatus.Done)
                {
                    continue;
                }

                i++;
                at += Supplementary(rune).EncodeToUtf8(utf8[at..]);
                continue;
            }

            c = Map[c];
            if (c is >= FirstPair and < (char)(FirstPair + 32))
            {
                utf8[at++] = (byte)Pairs[(c - FirstPair) * 2];
                utf8[at++] = (byte)Pairs[(c - FirstPair) * 2 + 1];
                continue;
            }

            letters &= c is '\0' or (>= 'a' and <= 'z');
            at += Write(c, utf8[at..]);
        }

        return at;
    }

    private static int Write(char c, Span<byte> utf8)
    {
        switch (c)
        {
            case '\0':
                return 0;
            case < '\x80':
                utf8[0] = (byte)c;
                return 1;
            case < '\u0800':
                utf8[0] = (byte)(0xC0 | (c >> 6));
                utf8[1] = (byte)(0x80 | (c & 0x3F));
                return 2;
            default:
                utf8[0] = (byte)(0xE0 | (c >> 12));
                utf8[1] = (byte)(0x80 | ((c >> 6) & 0x3F));
                utf8[2] = (byte)(0x80 | (c & 0x3F));
                return 3;
        }
    }

    private static Rune Supplementary(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber ? new Rune('0' + (int)Rune.GetNumericValue(rune)) : Rune.ToLowerInvariant(rune);

    private static char[] BuildMap()
    {
        var map = new char[char.MaxValue + 1];
        for (var c = 0; c <= char.MaxValue; c++)
        {
            map[c] = char.IsSurrogate((char)c) ? '\0' : Fold((char)c);
        }

        return map;
    }

    private static char Fold(char c)
    {
        switch (c)
        {
            case '\'' or '\u2018' or '\u2019' or '\u0640' or '\u200C' or '\u200D' or '\u05F3' or '\u05F4':
                return '\0';
            case 'ß' or 'ẞ': return FirstPair;
            case 'æ' or 'Æ' or 'ǽ' or 'Ǽ': return (char)(FirstPair + 1);
            case 'œ' or 'Œ': return (char)(FirstPair + 2);
            case 'þ' or 'Þ': return (char)(FirstPair + 3);
            case 'ø' or 'Ø' or 'ǿ' or 'Ǿ': return 'o';
            case 'đ' or 'Đ' or 'ð' or 'Ð' or 'ɖ': return 'd';
            case 'ł' or 'Ł': return 'l';
            case 'ħ' or 'Ħ': return 'h';
            case 'ŧ' or 'Ŧ': return 't';
            case 'ı': return 'i';
            case 'ŋ' or 'Ŋ': return 'ŋ';
            case 'ς': return 'σ';
            case 'ё' or 'Ё' or 'ѐ' or 'Ѐ': return 'е';
            case 'ѝ' or 'Ѝ': return 'и';
            case 'آ' or 'أ' or 'إ' or 'ٱ': return 'ا';
            case 'ى' or 'ی': return 'ي';
            case 'ة': return 'ه';
            case 'ک': return 'ك';
            // Marks that are dropped: on Latin, Greek, Cyrillic; Hebrew points; Arabic vowels. Selectors of how a character looks.
            case (>= '\u0300' and <= '\u036F') or (>= '\u0483' and <= '\u0489') or (>= '\u0591' and <= '\u05BD') or '\u05BF' or '\u05C1' or '\u05C2' or '\u05C4' or '\u05C5' or '\u05C7':
            case (>= '\u0610' and <= '\u061A') or (>= '\u064B' and <= '\u065F') or '\u0670' or (>= '\u06D6' and <= '\u06DC') or (>= '\u06DF' and <= '\u06E4'):
            case (>= '\u1AB0' and <= '\u1AFF') or (>= '\u1DC0' and <= '\u1DFF') or (>= '\u20D0' and <= '\u20FF') or (>= '\uFE00' and <= '\uFE0F') or (>= '\uFE20' and <= '\uFE2F'):
                return '\0';
        }

        if (c < 0x80)
        {
            return char.ToLowerInvariant(c);
        }

        switch (CharUnicodeInfo.GetUnicodeCategory(c))
        {
            case UnicodeCategory.Format or UnicodeCategory.PrivateUse: return '\0';
            case UnicodeCategory.DecimalDigitNumber: return (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c));
        }

        if (c is (>= '\u00C0' and <= '\u024F') or (>= '\u0370' and <= '\u03FF') or (>= '\u1E00' and <= '\u1FFF'))
        {
            // A letter and its marks: the letter. ToLower of a single one, so that İ is i.
            var parts = c.ToString().Normalize(NormalizationForm.FormD);
            if (parts.AsSpan(1).IndexOfAnyExceptInRange('\u0300', '\u036F') < 0)
            {
                c = parts[0];
            }
        }

        return char.ToLowerInvariant(c);
    }
}
