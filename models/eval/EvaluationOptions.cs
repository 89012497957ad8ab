namespace Sutra.Models.Eval;

/// <summary>What <see cref="Evaluation"/> is to measure.</summary>
/// <param name="PairsPath">Lines <c>anchor&lt;TAB&gt;positive</c>; <c>.gz</c> too.</param>
/// <param name="SourcesOfPairsPath">A source id per line, in the order of the pairs; <c>.gz</c> too.</param>
/// <param name="Split">A name in <see cref="SplitsPath"/>: the sources to measure on, which the models should have been trained without.</param>
/// <param name="ModelFolders">Models to measure; may be empty, then only the baselines that need none are.</param>
public sealed record EvaluationOptions(string PairsPath, string SourcesOfPairsPath, string Split, IReadOnlyList<string> ModelFolders)
{
    /// <summary>Default: the file beside the program.</summary>
    public string SplitsPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "splits.json");

    /// <summary>Decides which documents, queries and sentence pairs are drawn, and the random baselines; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Changes the speed, never the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Documents of a set at most; default 10,000.</summary>
    public int MaximumDocuments { get; init; } = 10_000;

    /// <summary>Queries of a set at most; default 1,000.</summary>
    public int MaximumQueries { get; init; } = 1_000;

    /// <summary>Graded sets of fewer pairs are left out: their correlation would be noise; default 200.</summary>
    public int MinimumGradedPairs { get; init; } = 200;
}
