using System.Runtime.InteropServices;

namespace Sutra.Models.Eval.Metrics;

/// <summary>A query's best score, and whether what it stands for was right.</summary>
/// <param name="Answerable">False: the document that answers had been taken away, so nothing could be right.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ScoredAnswer(float Score, bool Correct, bool Answerable)
{
    /// <summary>Every query twice: with its document there, and without.</summary>
    public static IEnumerable<ScoredAnswer> Of(IEnumerable<QueryOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            yield return new ScoredAnswer(outcome.Top, outcome.Rank == 1, Answerable: true);
            yield return new ScoredAnswer(outcome.TopWithout, Correct: false, Answerable: false);
        }
    }
}

/// <param name="From">Scores from here (the first bin: everything below, too) …</param>
/// <param name="To">… to below here (the last bin: everything above, too).</param>
/// <param name="FractionCorrect">Of answerable and unanswerable ones together.</param>
internal sealed record ReliabilityBin(double From, double To, int Answerable, int Unanswerable, int Correct, double FractionCorrect);

/// <summary>How a best score tells right answers from wrong ones.</summary>
/// <param name="Bins">Equally wide, empty ones left out.</param>
internal sealed record Calibration(IReadOnlyList<ReliabilityBin> Bins, LogisticFit Fit, CalibrationFigures Figures)
{
    private const int Bars = 20;

    /// <param name="highest">The highest score that there can be.</param>
    public static Calibration Of(IReadOnlyCollection<ScoredAnswer> answers, double highest)
    {
        var fit = LogisticFit.Of(answers);
        var bins = answers.GroupBy(a => Math.Clamp((int)(a.Score / highest * Bars), 0, Bars - 1))
            .OrderBy(g => g.Key)
            .Select(g => new ReliabilityBin(
                highest * g.Key / Bars,
                highest * (g.Key + 1) / Bars,
                g.Count(a => a.Answerable),
                g.Count(a => !a.Answerable),
                g.Count(a => a.Correct),
                g.Average(a => a.Correct ? 1.0 : 0.0)))
            .ToArray();
        return new Calibration(bins, fit, CalibrationFigures.Of(answers, fit));
    }
}

/// <summary>P(correct) = 1 / (1 + e^−(a·score + b)), by Platt: maximum likelihood against targets moved a little inwards.</summary>
internal sealed record LogisticFit(double A, double B)
{
    private const int Steps = 50;

    public double Probability(double score) => 1 / (1 + Math.Exp(-((A * score) + B)));

    public static LogisticFit Of(IReadOnlyCollection<ScoredAnswer> answers)
    {
        var correct = answers.Count(a => a.Correct);
        var (high, low) = ((correct + 1.0) / (correct + 2.0), 1.0 / (answers.Count - correct + 2.0));
        var share = (correct + 1.0) / (answers.Count + 2.0);
        var fit = new LogisticFit(0, Math.Log(share / (1 - share)));
        // Newton's method; with two parameters its system is solved by hand. The small ridge keeps it solvable when all scores are equal.
        for (var step = 0; step < Steps; step++)
        {
            var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
            foreach (var answer in answers)
            {
                var p = fit.Probability(answer.Score);
                var error = p - (answer.Correct ? high : low);
                var curve = p * (1 - p);
                ga += error * answer.Score;
                gb += error;
                haa += curve * answer.Score * answer.Score;
                hab += curve * answer.Score;
                hbb += curve;
            }

            var determinant = (haa * hbb) - (hab * hab);
            var (da, db) = (((hbb * ga) - (hab * gb)) / determinant, ((haa * gb) - (hab * ga)) / determinant);
            if (!double.IsFinite(da) || !double.IsFinite(db))
            {
                break;
            }

            fit = new LogisticFit(fit.A - da, fit.B - db);
            if (Math.Abs(da) + Math.Abs(db) < 1e-10)
            {
                break;
            }
        }

        return fit;
    }
}

/// <param name="LogLoss">Mean −ln of the probability given to what was the case.</param>
/// <param name="BaseLogLoss">The same had every answer been given the share of correct ones: what a score must beat to be of use.</param>
/// <param name="Ece">
/// Expected calibration error: mean |share correct − mean probability| over ten bins of equally many answers. (Equally wide bins would all
/// but one be empty where nothing is probable, and praise a fit that tells nothing.)
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CalibrationFigures(double LogLoss, double BaseLogLoss, double Ece)
{
    private const int Bins = 10;

    public static CalibrationFigures Of(IReadOnlyCollection<ScoredAnswer> answers, LogisticFit fit)
    {
        var judged = answers.Select(a => (P: fit.Probability(a.Score), a.Correct)).ToArray();
        var share = judged.Average(j => j.Correct ? 1.0 : 0.0);
        var sorted = judged.OrderBy(j => j.P).ThenBy(j => j.Correct).ToArray();
        var ece = Enumerable.Range(0, Bins)
            .Select(bin => sorted[(sorted.Length * bin / Bins)..(sorted.Length * (bin + 1) / Bins)])
            .Where(bin => bin.Length > 0)
            .Sum(bin => (double)bin.Length / sorted.Length * Math.Abs(bin.Average(j => j.Correct ? 1.0 : 0.0) - bin.Average(j => j.P)));
        return new CalibrationFigures(judged.Average(j => Loss(j.P, j.Correct)), judged.Average(j => Loss(share, j.Correct)), ece);
    }

    private static double Loss(double probability, bool correct) => -Math.Log(Math.Max(1e-12, correct ? probability : 1 - probability));
}
