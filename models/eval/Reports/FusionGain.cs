using Sutra.Models.Eval.Metrics;

namespace Sutra.Models.Eval.Reports;

/// <summary>What fusing a model's cosines with BM25 gives over BM25 alone, by weight.</summary>
/// <param name="Tuned">The weight that the other figures have.</param>
/// <param name="Weights">All that tuning tries, rising.</param>
internal sealed record FusionGain(string System, int Dimensions, float Tuned, IReadOnlyList<WeightGain> Weights)
{
    /// <param name="bm25">By set.</param>
    /// <param name="ranks">By set, by weight, by query.</param>
    public static FusionGain Of(string system, int dimensions, float tuned, IReadOnlyList<float> weights, IReadOnlyList<RetrievalFigures> bm25, IReadOnlyList<int[][]> ranks) =>
        new(system, dimensions, tuned, [.. weights.Select((weight, w) => new WeightGain(weight, [.. ranks.Zip(bm25, (r, b) => RetrievalMetrics.Of(r[w]).Ndcg - b.Ndcg)]))]);
}

/// <param name="Weight">Of the cosine.</param>
/// <param name="Sets">nDCG@10 less that of BM25, −1 to 1, in the order of <see cref="EvaluationReport.Sets"/>.</param>
internal sealed record WeightGain(float Weight, IReadOnlyList<double> Sets)
{
    public double Average { get; } = Sets.Average();
}
