namespace Sutra.Models.Eval.Metrics;

/// <summary>Spearman's ρ: Pearson's correlation of ranks, equal values sharing the mean of their ranks.</summary>
internal static class RankCorrelation
{
    /// <summary>
    /// −1 to 1; 0 when one side never varies. With few grades on one side and distinct scores on the other 1 is out of reach: the best is
    /// √(1 − 1/g²) for g grades of equal size (0.968 for four, 0.943 for three).
    /// </summary>
    public static double Spearman(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length)
        {
            throw new ArgumentException("Correlation needs as many values on both sides.", nameof(b));
        }

        return Pearson(Ranks(a), Ranks(b));
    }

    private static double[] Ranks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            for (var i = start; i < end; i++)
            {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }

            start = end;
        }

        return ranks;
    }

    private static double Pearson(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.DefaultIfEmpty().Average(), b.DefaultIfEmpty().Average());
        var (covariance, varianceA, varianceB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            covariance += (a[i] - meanA) * (b[i] - meanB);
            varianceA += (a[i] - meanA) * (a[i] - meanA);
            varianceB += (b[i] - meanB) * (b[i] - meanB);
        }

        return varianceA == 0 || varianceB == 0 ? 0 : covariance / Math.Sqrt(varianceA * varianceB);
    }
}
