using Sutra.Contracts.Api;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Planning;

/// <summary>How an answer is come by; <see cref="QueryResponse.Kind"/>.</summary>
internal static class PlanKinds
{
    public const string Lookup = "lookup";
    public const string Extreme = "extreme";
    public const string Aggregate = "aggregate";
    public const string Comparison = "comparison";
    public const string Trend = "trend";
    public const string Which = "which";
    public const string Retrieval = "retrieval";
}

/// <summary>An answer that was computed from metadata, or why there is none.</summary>
/// <param name="Kind">One of <see cref="PlanKinds"/>.</param>
/// <param name="Text">Null without an answer.</param>
/// <param name="Reason">Why there is none.</param>
/// <param name="Evidence">What proves it, the most telling first.</param>
internal sealed record PlannedAnswer(string Kind, string? Text, string? Reason, IReadOnlyList<Concept> Evidence)
{
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    public IReadOnlyList<AnswerValue> Values { get; init; } = [];

    public Filter? Filter { get; init; }

    /// <summary>How many records it was computed from.</summary>
    public int Records { get; init; }

    /// <summary>How much of the asked time there are records of, 0..1.</summary>
    public double TimeCovered { get; init; } = 1;

    /// <summary>How many things the question left open and were chosen: which field, which time, sum or average.</summary>
    public int Choices { get; init; }
}
