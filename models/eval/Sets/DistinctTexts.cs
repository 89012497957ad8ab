using Sutra.Models.Eval.Corpus;

namespace Sutra.Models.Eval.Sets;

/// <summary>
/// Leaves out texts that mostly stand in a longer one. The corpus has paragraphs whole and also less the sentence that became their anchor; were
/// both documents, then the query's own paragraph would be found, hold the answer, and count as wrong.
/// </summary>
internal static class DistinctTexts
{
    private const int RunLength = 8;
    private const double MostShared = 0.5;

    /// <summary>Texts of whose runs of eight words at most half stand in longer texts that are kept.</summary>
    public static IReadOnlySet<string> Of(IEnumerable<string> texts)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<ulong>();
        foreach (var text in texts.Distinct(StringComparer.Ordinal).OrderByDescending(t => t.Length).ThenBy(t => t, StringComparer.Ordinal))
        {
            var runs = Runs(text);
            if (runs.Count(seen.Contains) <= runs.Count * MostShared)
            {
                kept.Add(text);
                seen.UnionWith(runs);
            }
        }

        return kept;
    }

    /// <summary>Hashes of all runs of words, marks and case aside; of a shorter text, of all of it.</summary>
    private static List<ulong> Runs(string text)
    {
        var words = new List<ulong>();
        for (var i = 0; i < text.Length; i++)
        {
            var start = i;
            while (i < text.Length && char.IsLetterOrDigit(text[i]))
            {
                i++;
            }

            if (i > start)
            {
                words.Add(StableHash.Of(text.AsSpan(start, i - start).ToString().ToLowerInvariant()));
            }
        }

        var runs = new List<ulong>();
        for (var first = 0; first < Math.Max(1, words.Count - RunLength + 1); first++)
        {
            ulong run = 0;
            for (var word = first; word < Math.Min(words.Count, first + RunLength); word++)
            {
                run = StableHash.Mix(run ^ words[word]);
            }

            runs.Add(run);
        }

        return runs;
    }
}
