using System.Runtime.InteropServices;

namespace Sutra.Models.Eval.Metrics;

/// <summary>Figures over the ranks (from 1) of what is relevant. Relevance is yes or no.</summary>
internal static class RetrievalMetrics
{
    /// <summary>Where an item stands in the order of falling scores; of equal scores, the earlier item is first.</summary>
    public static int Rank(ReadOnlySpan<float> scores, int item)
    {
        var score = scores[item];
        var rank = 1;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > score || (scores[i] == score && i < item))
            {
                rank++;
            }
        }

        return rank;
    }

    /// <summary>Normalised discounted cumulative gain: Σ 1 / log2(rank + 1) over the relevant within <paramref name="depth"/>, over the best possible sum.</summary>
    /// <param name="ranks">Ranks of all relevant documents.</param>
    public static double Ndcg(ReadOnlySpan<int> ranks, int depth = 10)
    {
        var (gain, ideal) = (0.0, 0.0);
        for (var i = 0; i < ranks.Length; i++)
        {
            gain += ranks[i] <= depth ? 1 / Math.Log2(ranks[i] + 1) : 0;
            ideal += i < depth ? 1 / Math.Log2(i + 2) : 0;
        }

        return ideal == 0 ? 0 : gain / ideal;
    }

    /// <summary>The share of the relevant documents that stand within <paramref name="depth"/>.</summary>
    public static double Recall(ReadOnlySpan<int> ranks, int depth = 10)
    {
        var found = 0;
        foreach (var rank in ranks)
        {
            found += rank <= depth ? 1 : 0;
        }

        return ranks.Length == 0 ? 0 : (double)found / ranks.Length;
    }

    /// <summary>Means over queries that have one relevant document each.</summary>
    public static RetrievalFigures Of(IReadOnlyCollection<int> ranks) =>
        new(ranks.Average(rank => Ndcg([rank])), ranks.Average(rank => Recall([rank])));
}

/// <param name="Ndcg">nDCG@10, 0 to 1.</param>
/// <param name="Recall">recall@10, 0 to 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetrievalFigures(double Ndcg, double Recall)
{
    /// <summary>Every set counts the same, however many queries it has.</summary>
    public static RetrievalFigures MacroAverage(IReadOnlyCollection<RetrievalFigures> sets) => new(sets.Average(s => s.Ndcg), sets.Average(s => s.Recall));
}
