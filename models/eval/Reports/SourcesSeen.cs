namespace Sutra.Models.Eval.Reports;

/// <summary>Which of the sources that a model is measured and tuned on its training saw.</summary>
/// <param name="TrainedWithout">As its <c>config.json</c> says; null: it does not.</param>
/// <param name="Measured">Sources of the split that training saw; empty where the model does not say.</param>
/// <param name="Tuning">Sources that w was tuned on and training saw; empty where the model does not say.</param>
internal sealed record SourcesSeen(string System, IReadOnlyList<string>? TrainedWithout, IReadOnlyList<string> Measured, IReadOnlyList<string> Tuning)
{
    /// <summary>What a reader of the figures must know first.</summary>
    public IReadOnlyList<string> Warnings { get; } = [.. Warn(System, TrainedWithout, Measured, Tuning)];

    public static SourcesSeen Of(string system, IReadOnlyList<string>? trainedWithout, IReadOnlyList<string> split, IReadOnlyList<string> tuning)
    {
        return new SourcesSeen(system, trainedWithout, Seen(split), Seen(tuning));

        string[] Seen(IReadOnlyList<string> sources) => trainedWithout is null ? [] : [.. sources.Except(trainedWithout, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Warn(string system, IReadOnlyList<string>? trainedWithout, IReadOnlyList<string> measured, IReadOnlyList<string> tuning)
    {
        if (trainedWithout is null)
        {
            yield return $"{system}: its config.json does not say what it was trained without (\"trained_without\"). If it was trained with these sources, figures are in-sample.";
        }

        if (measured.Count > 0)
        {
            yield return $"{system} was trained with these sources: figures are in-sample: {string.Join(", ", measured)}.";
        }

        if (tuning.Count > 0)
        {
            yield return $"{system}: w was tuned on sources the model saw: {string.Join(", ", tuning)}.";
        }
    }
}
