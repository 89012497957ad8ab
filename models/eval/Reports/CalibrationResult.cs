using Sutra.Models.Eval.Metrics;

namespace Sutra.Models.Eval.Reports;

/// <summary>How far a model's best score of a query can be trusted.</summary>
/// <param name="System">The model.</param>
/// <param name="Score">
/// <c>cosine</c>: of the best document by cosine; <c>fused</c>: of the best by the fused ranking (0 to 1 + w);
/// <c>cosine_of_fused</c>: the cosine of the document that the fused ranking puts first.
/// </param>
/// <param name="All">Over all sets together.</param>
/// <param name="Sets">By set; <see cref="SetCalibration.Transfer"/> judges a fit on the other sets.</param>
internal sealed record CalibrationResult(string System, int Dimensions, string Score, Calibration All, IReadOnlyList<SetCalibration> Sets)
{
    public static CalibrationResult Of(string system, int dimensions, string score, double highest, IReadOnlyList<(string Source, QueryOutcome[] Outcomes)> sets)
    {
        var answers = sets.Select(s => ScoredAnswer.Of(s.Outcomes).ToArray()).ToArray();
        return new CalibrationResult(
            system,
            dimensions,
            score,
            Calibration.Of([.. answers.SelectMany(a => a)], highest),
            [.. sets.Select((s, place) => new SetCalibration(s.Source, Calibration.Of(answers[place], highest), Transferred(answers, place)))]);
    }

    private static CalibrationFigures? Transferred(ScoredAnswer[][] answers, int place) =>
        answers.Length == 1
            ? null
            : CalibrationFigures.Of(answers[place], LogisticFit.Of([.. answers.Where((_, other) => other != place).SelectMany(a => a)]));
}

/// <param name="Transfer">Of a logistic that was fitted on all the other sets: what a text nobody calibrated for has to expect; null with one set.</param>
internal sealed record SetCalibration(string Source, Calibration Own, CalibrationFigures? Transfer);
