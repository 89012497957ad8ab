namespace Sutra.Examples.Finance;

public enum QuestionKind
{
    Value,
    Extreme,
    Comparison,
    Trend,
    Which,
    Unanswerable,
}

/// <summary>A question about the market, and what a right answer to it is.</summary>
/// <param name="Text">What to ask.</param>
/// <param name="Kind">What is asked for.</param>
/// <param name="Expected">A right answer contains all of these, numbers with two decimals or grouped thousands; empty for the unanswerable.</param>
/// <param name="Source">The row that must be the first evidence; null when there is more than one that would do.</param>
public sealed record FinanceQuestion(string Text, QuestionKind Kind, IReadOnlyList<string> Expected, OhlcvRow? Source = null)
{
    /// <summary>The answer names this first of all companies; null when no company is asked for.</summary>
    public string? Winner { get; init; }

    /// <summary>The metadata field whose value is asked for, and the value: guards against a sentence that merely has the number in it, too.</summary>
    public (string Name, string Value)? Value { get; init; }

    /// <summary>The answer begins so; null when nothing is asked that is answered by yes or no.</summary>
    public string? Beginning { get; init; }

    /// <summary>Phrased after everything was tuned.</summary>
    public bool IsHeldOut { get; init; }
}
