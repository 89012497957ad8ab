using System.Collections.Frozen;

namespace Sutra.Api.Querying;

/// <summary>Cuts a text into sentences without changing a character of them.</summary>
internal static class Sentences
{
    /// <summary>A longer one is cut into several, between words: lists and tables have no full stops.</summary>
    public const int MaxLength = 600;

    private static readonly FrozenSet<string> s_abbreviations = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "mr", "mrs", "ms", "dr", "prof", "st", "inc", "ltd", "co", "corp", "no", "vs", "etc", "approx", "fig", "e.g", "i.e", "jr", "sr", "dept", "est");

    public static IReadOnlyList<string> Split(string text)
    {
        var sentences = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (!EndsHere(text, start, i))
            {
                continue;
            }

            Add(text.AsSpan(start..(i + 1)), sentences);
            start = i + 1;
        }

        Add(text.AsSpan(start), sentences);
        return sentences;
    }

    private static bool EndsHere(string text, int start, int at)
    {
        if (text[at] == '\n')
        {
            return true;
        }

        if (text[at] is not ('.' or '!' or '?' or '。' or '！' or '？'))
        {
            // A quote or bracket closes with the sentence: the end is behind it.
            return text[at] is '"' or '”' or ')' or '\'' or '’' && at > start && text[at - 1] is '.' or '!' or '?' && IsFollowedByStart(text, at + 1);
        }

        if (text[at] is '。' or '！' or '？')
        {
            return true;
        }

        return IsFollowedByStart(text, at + 1) && (text[at] != '.' || !IsAbbreviation(text, start, at));
    }

    private static bool IsFollowedByStart(string text, int at)
    {
        if (at >= text.Length || !char.IsWhiteSpace(text[at]))
        {
            return false;
        }

        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at < text.Length && !char.IsLower(text[at]);
    }

    /// <summary>Whether the full stop at <paramref name="dot"/> belongs to the word before it, which begins at or after <paramref name="start"/>.</summary>
    public static bool IsAbbreviation(string text, int start, int dot)
    {
        var word = dot;
        while (word > start && (char.IsLetter(text[word - 1]) || text[word - 1] == '.'))
        {
            word--;
        }

        var length = dot - word;
        // An initial: J. Smith.
        return (length == 1 && char.IsUpper(text[word])) || s_abbreviations.Contains(text[word..dot]);
    }

    private static void Add(ReadOnlySpan<char> sentence, List<string> sentences)
    {
        sentence = sentence.Trim();
        while (sentence.Length > MaxLength)
        {
            var cut = sentence[..(MaxLength + 1)].LastIndexOf(' ');
            cut = cut > 0 ? cut : MaxLength;
            // Never through the middle of a character.
            cut = char.IsHighSurrogate(sentence[cut - 1]) ? cut - 1 : cut;
            sentences.Add(sentence[..cut].TrimEnd().ToString());
            sentence = sentence[cut..].TrimStart();
        }

        if (sentence.Length > 0)
        {
            sentences.Add(sentence.ToString());
        }
    }
}
