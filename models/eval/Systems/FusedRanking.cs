using System.Numerics.Tensors;
using Sutra.Models.Eval.Metrics;

namespace Sutra.Models.Eval.Systems;

/// <summary>BM25 over the query's best BM25, plus a weighted cosine.</summary>
internal static class FusedRanking
{
    /// <summary>The weights that tuning tries, rising.</summary>
    public static IReadOnlyList<float> Weights { get; } =
        [0.05f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1f, 1.2f, 1.4f, 1.6f, 1.8f, 2f, 2.5f, 3f, 4f];

    /// <param name="without">A document left out when the best BM25 is looked for; −1: none.</param>
    public static void Score(ReadOnlySpan<float> bm25, ReadOnlySpan<float> cosines, float weight, Span<float> fused, int without = -1)
    {
        var best = without < 0
            ? TensorPrimitives.Max(bm25)
            : Math.Max(MaxOrZero(bm25[..without]), MaxOrZero(bm25[(without + 1)..]));
        TensorPrimitives.Multiply(bm25, best > 0 ? 1 / best : 0, fused);
        TensorPrimitives.MultiplyAdd(cosines, weight, fused, fused);
    }

    /// <summary>The outcome with the answer there, and the best score as it would be with the answer never indexed.</summary>
    /// <returns>With fused scores, and with the cosines of the documents that the fused ranking puts first.</returns>
    public static (QueryOutcome Fused, QueryOutcome CosineOfFused) Outcome(
        ReadOnlySpan<float> bm25, ReadOnlySpan<float> cosines, float weight, int relevant, Span<float> fused)
    {
        Score(bm25, cosines, weight, fused, relevant);
        fused[relevant] = float.NegativeInfinity;
        var second = TensorPrimitives.IndexOfMax<float>(fused);
        var without = fused[second];
        Score(bm25, cosines, weight, fused);
        var outcome = QueryOutcome.Of(fused, relevant) with { TopWithout = without };
        return (outcome, outcome with { Top = cosines[TensorPrimitives.IndexOfMax<float>(fused)], TopWithout = cosines[second] });
    }

    private static float MaxOrZero(ReadOnlySpan<float> scores) => scores.IsEmpty ? 0 : TensorPrimitives.Max(scores);
}
