namespace Sutra.Api.Querying;

/// <summary>A light English stemmer: close, closes, closed and closing meet; it need not find the dictionary form.</summary>
internal static class Stemmer
{
    private const int MinStem = 3;

    /// <param name="word">In lower case.</param>
    public static string Stem(string word)
    {
        if (word.Length <= MinStem || !word.All(char.IsAsciiLetterLower))
        {
            return word;
        }

        var stem = Plural(word);
        if (TryStrip(stem, "ing", out var verb) || TryStrip(stem, "ed", out verb))
        {
            stem = Undouble(verb);
        }

        if (stem.EndsWith('y') && stem.Length > MinStem)
        {
            return $"{stem[..^1]}i";
        }

        return stem.Length > MinStem && stem.EndsWith('e') ? stem[..^1] : stem;
    }

    private static string Plural(string word)
    {
        if (word.EndsWith("ies", StringComparison.Ordinal) && word.Length > 4)
        {
            return $"{word[..^3]}y";
        }

        if (word.EndsWith("sses", StringComparison.Ordinal)
            || word.EndsWith("xes", StringComparison.Ordinal)
            || word.EndsWith("ches", StringComparison.Ordinal)
            || word.EndsWith("shes", StringComparison.Ordinal))
        {
            return word[..^2];
        }

        return word.EndsWith('s') && word[^2] is not ('s' or 'u' or 'i') ? word[..^1] : word;
    }

    private static bool TryStrip(string word, string suffix, out string stem)
    {
        stem = word;
        if (!word.EndsWith(suffix, StringComparison.Ordinal) || word.Length - suffix.Length < MinStem)
        {
            return false;
        }

        stem = word[..^suffix.Length];
        // "bring", "spring": what is left must be something that can be said.
        return stem.AsSpan().IndexOfAny("aeiouy") >= 0;
    }

    // stopped → stop; but fall, miss, buzz keep theirs.
    private static string Undouble(string stem) =>
        stem.Length > MinStem && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z' or 'e' or 'o') ? stem[..^1] : stem;
}
