using Sutra.Models.Eval.Metrics;
using Sutra.Models.Eval.Sets;
using Sutra.Models.Eval.Systems;

namespace Sutra.Models.Eval;

internal static class SimilarityMeasure
{
    /// <summary>Spearman's ρ of grades and cosines, by cut.</summary>
    public static double[] Spearman(SimilaritySet set, IEmbeddingSystem system)
    {
        var a = system.Embed([.. set.Pairs.Select(p => p.A)]);
        var b = system.Embed([.. set.Pairs.Select(p => p.B)]);
        var grades = set.Pairs.Select(p => (double)p.Grade).ToArray();
        var cosines = system.Cuts.Select(_ => new double[grades.Length]).ToArray();
        Span<float> byCut = stackalloc float[system.Cuts.Count];
        for (var pair = 0; pair < grades.Length; pair++)
        {
            a.Cosines(pair, b, pair, byCut);
            for (var cut = 0; cut < byCut.Length; cut++)
            {
                cosines[cut][pair] = byCut[cut];
            }
        }

        return [.. cosines.Select(c => RankCorrelation.Spearman(grades, c))];
    }
}
