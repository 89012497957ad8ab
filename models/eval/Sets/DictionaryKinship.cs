using Sutra.Models.Eval.Corpus;
using Sutra.Models.Eval.Systems;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Sets;

/// <summary>
/// Graded pairs from dictionaries whose entries read <c>term → synonym, wider term: gloss</c>. Two sets:
/// <list type="bullet">
/// <item>terms: 2 = two terms with one gloss (synonyms), 1 = two terms whose entries name the same further term (kindred), 0 = any two.
/// No pair shares a word stem, so only meaning that was learnt tells them apart.</item>
/// <item>glosses: 2 = the glosses of one term in both dictionaries, worded differently, 1 = of two kindred terms, 0 = of any two.</item>
/// </list>
/// </summary>
/// <remarks>
/// Rough: Wordset grew out of WordNet, so many of its other wordings are shortened ones, and where the dictionaries chose different senses of
/// a term grade 2 is too high; a wider term like "person" makes kindred of strangers, so those with many entries are left out.
/// </remarks>
internal static class DictionaryKinship
{
    private const int LongestTerm = 2;
    private const int LongestLabels = 80;
    private const int MostKindred = 20;
    private const double LeastSharedWords = 0.1;
    private const double MostSharedWords = 0.7;

    /// <param name="dictionaries">Entries of each dictionary; term to text.</param>
    public static IReadOnlyList<SimilaritySet> Build(IReadOnlyList<IReadOnlyList<TextPair>> dictionaries, Func<string, bool> isKnown, ulong seed)
    {
        var entries = dictionaries.Select(d => d.Where(p => IsTerm(p.Anchor) && !isKnown(p.Positive)).Select(Entry.Read).ToArray()).ToArray();
        var all = entries.SelectMany(e => e)
            .OrderBy(e => StableHash.Of(e.Term, seed) ^ StableHash.Mix(StableHash.Of(e.Gloss, seed)))
            .ThenBy(e => e.Term, StringComparer.Ordinal).ThenBy(e => e.Gloss, StringComparer.Ordinal)
            .ToArray();
        var kindred = all.Where(e => e.Label is not null)
            .GroupBy(e => e.Label!, StringComparer.Ordinal)
            .Where(g => g.Take(MostKindred + 1).Count() is > 1 and <= MostKindred)
            .Select(g => (A: g.First(), B: g.Skip(1).FirstOrDefault(e => e.Gloss != g.First().Gloss && e.Term != g.First().Term)))
            .Where(p => p.B is not null)
            .ToArray();
        var strangers = all.Zip(all.Skip(1)).Where(p => p.First.Gloss != p.Second.Gloss && p.First.Term != p.Second.Term).ToArray();
        var synonyms = all.GroupBy(e => e.Gloss, StringComparer.Ordinal)
            .Select(g => g.Select(e => e.Term).Distinct(StringComparer.Ordinal).Take(2).ToArray())
            .Where(terms => terms.Length == 2);
        List<SimilaritySet> sets =
        [
            SimilaritySet.Balance(
                "terms",
                [
                    [.. strangers.Select(p => new GradedPair(p.First.Term, p.Second.Term, 0)).Where(ShareNoStem)],
                    [.. kindred.Select(p => new GradedPair(p.A.Term, p.B!.Term, 1)).Where(ShareNoStem)],
                    [.. synonyms.Select(t => new GradedPair(t[0], t[1], 2)).Where(ShareNoStem)],
                ],
                seed),
        ];
        if (entries.Length == 2)
        {
            sets.Add(SimilaritySet.Balance(
                "glosses",
                [
                    [.. strangers.Select(p => new GradedPair(p.First.Gloss, p.Second.Gloss, 0))],
                    [.. kindred.Select(p => new GradedPair(p.A.Gloss, p.B!.Gloss, 1))],
                    [.. SingleSense(entries[0]).Join(SingleSense(entries[1]), e => e.Term, e => e.Term, (a, b) => new GradedPair(a.Gloss, b.Gloss, 2), StringComparer.Ordinal)
                        .Where(p => SharedWords(p) is >= LeastSharedWords and <= MostSharedWords)],
                ],
                seed));
        }

        return sets;
    }

    private static bool IsTerm(string anchor) => anchor.AsSpan().Count(' ') < LongestTerm && anchor[^1] is not ('.' or '!' or '?');

    private static IEnumerable<Entry> SingleSense(IEnumerable<Entry> entries) =>
        entries.GroupBy(e => e.Term, StringComparer.Ordinal).Where(g => !g.Skip(1).Any()).Select(g => g.Single());

    private static bool ShareNoStem(GradedPair pair) => !WordAnalyzer.Analyze(pair.A).Intersect(WordAnalyzer.Analyze(pair.B), StringComparer.Ordinal).Any();

    private static double SharedWords(GradedPair pair)
    {
        var (a, b) = (WordAnalyzer.Analyze(pair.A).ToHashSet(StringComparer.Ordinal), WordAnalyzer.Analyze(pair.B).ToHashSet(StringComparer.Ordinal));
        var shared = a.Count(b.Contains);
        return (double)shared / Math.Max(1, a.Count + b.Count - shared);
    }

    /// <param name="Label">The last of the terms before the gloss: mostly the wider term, else a synonym.</param>
    private sealed record Entry(string Term, string Gloss, string? Label)
    {
        public static Entry Read(TextPair pair)
        {
            var colon = pair.Positive.IndexOf(": ", StringComparison.Ordinal);
            return colon is < 0 or > LongestLabels
                ? new Entry(pair.Anchor, pair.Positive, null)
                : new Entry(pair.Anchor, pair.Positive[(colon + 2)..], pair.Positive[..colon].Split(", ")[^1]);
        }
    }
}
