using System.Runtime.InteropServices;

namespace Sutra.Models.Eval.Metrics;

/// <summary>What came of one query.</summary>
/// <param name="Rank">Of the document that answers; from 1.</param>
/// <param name="Top">The best score.</param>
/// <param name="TopWithout">The best score had the document that answers not been there.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct QueryOutcome(int Rank, float Top, float TopWithout)
{
    public static QueryOutcome Of(ReadOnlySpan<float> scores, int relevant)
    {
        var without = float.NegativeInfinity;
        for (var i = 0; i < scores.Length; i++)
        {
            without = i == relevant ? without : Math.Max(without, scores[i]);
        }

        return new QueryOutcome(RetrievalMetrics.Rank(scores, relevant), Math.Max(without, scores[relevant]), without);
    }
}
