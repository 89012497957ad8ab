using System.Runtime.InteropServices;
using Sutra.Models.Eval.Corpus;

namespace Sutra.Models.Eval.Sets;

/// <summary>Pairs of texts and how near they are to each other, a higher grade being nearer. No person graded them: the corpus's own structure did.</summary>
internal sealed record SimilaritySet(string Name, IReadOnlyList<GradedPair> Pairs)
{
    public const int MaximumPairs = 1500;

    /// <summary>As many pairs of each grade, drawn by hash, at most <see cref="MaximumPairs"/> in all.</summary>
    /// <param name="byGrade">Candidates; the place is the grade.</param>
    public static SimilaritySet Balance(string name, IReadOnlyList<IReadOnlyCollection<GradedPair>> byGrade, ulong seed)
    {
        var each = Math.Min(MaximumPairs / byGrade.Count, byGrade.Min(c => c.Count));
        return new SimilaritySet(name, [.. byGrade.SelectMany(candidates => Shuffle(candidates, seed).Take(each))]);
    }

    private static IEnumerable<GradedPair> Shuffle(IEnumerable<GradedPair> pairs, ulong seed) =>
        pairs.OrderBy(p => StableHash.Of(p.A, seed) ^ StableHash.Mix(StableHash.Of(p.B, seed)))
            .ThenBy(p => p.A, StringComparer.Ordinal).ThenBy(p => p.B, StringComparer.Ordinal);
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct GradedPair(string A, string B, int Grade);
