namespace Sutra.Storage.Lexical.Analysis;

/// <summary>
/// Takes inflections off words, and little else, so that "car" is found by "cars" but "universe" not by "university". In place, on folded
/// words of the letters a to z.
/// </summary>
/// <remarks>
/// English: step 1 and the final e of Porter, "An algorithm for suffix stripping", Program 14(3), 1980. German, French, Spanish, Italian,
/// Portuguese: after the light stemmers of Savoy, "Light stemming approaches for the French, Portuguese, German and Hungarian languages",
/// SAC 2006, and his Spanish and Italian ones (CLEF 2001). Dutch: plural, -e and doubled letters, after Kraaij and Pohlmann 1994.
/// </remarks>
internal static partial class LightStemmer
{
    /// <summary>Stems a word.</summary>
    /// <param name="language">Its language; <see cref="TextLanguage.None"/> changes nothing.</param>
    /// <param name="word">Letters a to z; letters may be replaced.</param>
    /// <returns>How many of its bytes remain.</returns>
    public static int Stem(TextLanguage language, Span<byte> word) => word.Length < 3 ? word.Length : language switch
    {
        TextLanguage.English => English(word),
        TextLanguage.German => German(word),
        TextLanguage.French => French(word),
        TextLanguage.Spanish => Spanish(word),
        TextLanguage.Italian => Italian(word),
        TextLanguage.Portuguese => Portuguese(word),
        TextLanguage.Dutch => Dutch(word),
        _ => word.Length,
    };

    /// <summary>Whether an article or pronoun stands before an apostrophe: "l'", "qu'", "dell'".</summary>
    public static bool IsElision(TextLanguage language, ReadOnlySpan<byte> prefix)
    {
        if (prefix.Length == 1)
        {
            return "cdjlmnstv"u8.Contains(prefix[0]);
        }

        return language == TextLanguage.French
            ? prefix.SequenceEqual("qu"u8) || prefix.SequenceEqual("jusqu"u8) || prefix.SequenceEqual("lorsqu"u8) || prefix.SequenceEqual("puisqu"u8) || prefix.SequenceEqual("quoiqu"u8)
            : prefix.SequenceEqual("un"u8) || prefix.SequenceEqual("gl"u8) || (prefix.Length <= 5 && prefix[^1] == 'l' && prefix[^2] == 'l');
    }

    private static bool IsVowel(byte c) => c is (byte)'a' or (byte)'e' or (byte)'i' or (byte)'o' or (byte)'u';

    private static bool Ends(ReadOnlySpan<byte> word, ReadOnlySpan<byte> ending, int least) => word.Length >= least && word.EndsWith(ending);

    private static bool EndsDouble(ReadOnlySpan<byte> word) => word.Length > 1 && word[^1] == word[^2];
}
