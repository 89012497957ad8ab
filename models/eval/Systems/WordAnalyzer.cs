using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Sutra.Models.Eval.Systems;

/// <summary>
/// Text to index terms: words by Unicode's default word breaks (UAX #29: runs of letters, digits, marks and underscores; an apostrophe
/// joins letters, a point or comma joins digits), lower case, without English stop words, lightly stemmed (plurals, -ed, -ing).
/// </summary>
internal static class WordAnalyzer
{
    private static readonly FrozenSet<string> StopWords = new[]
    {
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "had", "has", "have", "he", "her", "his", "how", "if", "in",
        "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "she", "so", "such", "that", "the", "their", "then", "there",
        "these", "they", "this", "to", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "you", "your",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The index terms, in the text's order.</summary>
    public static List<string> Analyze(string text) => Words(text).ConvertAll(word => word.Term);

    /// <summary>The words that have an index term, in the text's order.</summary>
    public static List<AnalyzedWord> Words(string text)
    {
        var words = new List<AnalyzedWord>();
        var word = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsWordCharacter(c))
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else if (word.Length > 0 && !Joins(c, word[^1], i + 1 < text.Length ? text[i + 1] : ' '))
            {
                End();
            }
            else if (word.Length > 0)
            {
                word.Append(c == '’' ? '\'' : c);
            }
        }

        End();
        return words;

        void End()
        {
            if (word.Length > 0)
            {
                var whole = word.ToString();
                word.Clear();
                if (!StopWords.Contains(whole))
                {
                    words.Add(new AnalyzedWord(whole, Stem(whole)));
                }
            }
        }
    }

    /// <summary>Plurals to singulars, -ing and -ed off where a vowel remains: less than Porter's, and never below three letters.</summary>
    internal static string Stem(string word)
    {
        if (word.EndsWith("'s", StringComparison.Ordinal))
        {
            word = word[..^2];
        }

        word = word switch
        {
            [.., 'i', 'e', 's'] when word.Length > 4 => word[..^3] + "y",
            [.., 's' or 'x' or 'z', 'e', 's'] when word.Length > 4 => word[..^2],
            [.., 'c' or 's', 'h', 'e', 's'] when word.Length > 4 => word[..^2],
            [.., not ('s' or 'u' or 'i'), 's'] when word.Length > 3 => word[..^1],
            _ => word,
        };
        var stem = word switch
        {
            [.., 'i', 'n', 'g'] when word.Length > 5 => word[..^3],
            [.., 'e', 'd'] when word.Length > 4 && word[^3] != 'e' => word[..^2],
            _ => null,
        };
        if (stem is not null && stem.AsSpan().IndexOfAny("aeiouy") >= 0)
        {
            // "planned" and "plan", but "calling" and "call".
            word = stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z') ? stem[..^1] : stem;
        }

        // "create", "creates", "created", "creating" all end up the same.
        return word.Length > 3 && word[^1] == 'e' ? word[..^1] : word;
    }

    private static bool IsWordCharacter(char c) => char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.ConnectorPunctuation;

    private static bool Joins(char c, char before, char after) => c switch
    {
        '\'' or '’' => char.IsLetter(before) && char.IsLetter(after),
        '.' or ',' => char.IsDigit(before) && char.IsDigit(after),
        _ => false,
    };
}

/// <param name="Text">As in the text, in lower case.</param>
/// <param name="Term">As it is indexed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AnalyzedWord(string Text, string Term);
