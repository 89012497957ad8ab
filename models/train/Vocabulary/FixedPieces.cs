using System.Globalization;

namespace Sutra.Models.Train.Vocabulary;

/// <summary>Pieces that every vocabulary has, whatever the corpus says.</summary>
internal static class FixedPieces
{
    /// <summary>Alphabets (after lower-casing and accent stripping) whose words shall break into characters rather than be unknown.</summary>
    private static readonly (int First, int Last)[] Alphabets =
    [
        (0x00DF, 0x00FE), // Latin-1: what has no decomposition (ß, æ, ø, ð, þ)
        (0x0111, 0x0167), // Latin Extended-A, the same (đ, ħ, ı, ł, œ, ŧ)
        (0x03B1, 0x03C9), // Greek
        (0x0430, 0x045F), // Cyrillic
        (0x05D0, 0x05EA), // Hebrew
        (0x0621, 0x064A), // Arabic
        (0x0905, 0x0939), // Devanagari
        (0x1100, 0x1112), // Hangul, as NFD takes it apart
        (0x1161, 0x1175),
        (0x11A8, 0x11C2),
        (0x3041, 0x3096), // Hiragana
        (0x30A1, 0x30FA), // Katakana
    ];

    /// <summary>
    /// All numbers of one to three digits, the years 1900–2099, and one to three digits as a continuation: so two dates, prices or
    /// volumes never fall on the same pieces, which merges learnt from counts would not promise.
    /// </summary>
    public static IEnumerable<string> Numbers()
    {
        foreach (var digits in Enumerable.Range(1, 3))
        {
            var count = (int)Math.Pow(10, digits);
            for (var number = 0; number < count; number++)
            {
                var text = number.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
                yield return text;
                yield return PieceVocabulary.ContinuationPrefix + text;
            }
        }

        for (var year = 1900; year < 2100; year++)
        {
            yield return year.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Printable ASCII that is no digit, then the alphabets: characters that may be a word or start one.</summary>
    public static IEnumerable<string> Characters()
    {
        for (var c = '!'; c <= '~'; c++)
        {
            if (!char.IsAsciiDigit(c) && !char.IsAsciiLetterUpper(c))
            {
                yield return c.ToString();
            }
        }

        foreach (var c in AlphabetCharacters())
        {
            yield return c;
        }
    }

    /// <summary>Characters that may continue a word.</summary>
    public static IEnumerable<string> ContinuingCharacters()
    {
        for (var c = 'a'; c <= 'z'; c++)
        {
            yield return PieceVocabulary.ContinuationPrefix + c;
        }

        foreach (var c in AlphabetCharacters())
        {
            yield return PieceVocabulary.ContinuationPrefix + c;
        }
    }

    private static IEnumerable<string> AlphabetCharacters()
    {
        var splitter = new WordSplitter();
        foreach (var (first, last) in Alphabets)
        {
            for (var c = first; c <= last; c++)
            {
                // Only what the normalizer leaves as it is can ever be looked up.
                var text = ((char)c).ToString();
                splitter.Split(text);
                if (char.IsLetter((char)c) && splitter.Count == 1 && splitter[0].SequenceEqual(text))
                {
                    yield return text;
                }
            }
        }
    }
}
