using Sutra.Models.Eval.Metrics;

namespace Sutra.Models.Eval.Reports;

/// <summary>All that a run found; what the JSON and the Markdown are written from.</summary>
internal sealed record EvaluationReport
{
    public required string Split { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Pairs outside the split: what the baselines' document frequencies come from.</summary>
    public required long TrainingPairs { get; init; }

    /// <summary>Sources that the fusion weights were tuned on.</summary>
    public required IReadOnlyList<string> TuningSources { get; init; }

    /// <summary>Of each model.</summary>
    public required IReadOnlyList<SourcesSeen> SourcesSeen { get; init; }

    public required IReadOnlyList<SetSize> Sets { get; init; }

    public required IReadOnlyList<RetrievalResult> Retrieval { get; init; }

    /// <summary>Of the models at full length.</summary>
    public required IReadOnlyList<FusionGain> FusionGains { get; init; }

    public required IReadOnlyList<GradedSetSize> SimilaritySets { get; init; }

    public required IReadOnlyList<SimilarityResult> Similarity { get; init; }

    /// <summary>Of the models at full length.</summary>
    public required IReadOnlyList<CalibrationResult> Calibration { get; init; }
}

internal sealed record SetSize(string Source, int Documents, int Queries);

internal sealed record GradedSetSize(string Name, int Pairs, int Grades);

/// <summary>Spearman's ρ of a system's cosines with the grades of each set.</summary>
/// <param name="Sets">In the order of <see cref="EvaluationReport.SimilaritySets"/>.</param>
internal sealed record SimilarityResult(string System, int Dimensions, IReadOnlyList<double> Sets)
{
    public double Average { get; } = Sets.Average();

    public string Title => $"{System}, {Dimensions} d";
}

/// <summary>A system's figures on every set.</summary>
/// <param name="System">Model folder or baseline.</param>
/// <param name="Dimensions">Length of the vectors; null: none are used.</param>
/// <param name="Weight">Of the cosine in a fused ranking; null: not fused.</param>
/// <param name="Sets">In the order of <see cref="EvaluationReport.Sets"/>.</param>
internal sealed record RetrievalResult(string System, int? Dimensions, float? Weight, IReadOnlyList<RetrievalFigures> Sets)
{
    public RetrievalFigures Average { get; } = RetrievalFigures.MacroAverage(Sets);

    public string Title => System + (Dimensions is { } d ? $", {d} d" : "");
}
