using System.Text.Json;

namespace Sutra.Contracts.Api;

/// <summary>Body of <c>POST /api/query</c>.</summary>
/// <param name="Query">The question; 1–8192 characters, not only white space.</param>
/// <param name="TopK">How much evidence to return, 1–100; default 5. Less comes back where there is less, or where so many texts are larger than 32 MiB.</param>
/// <param name="Collection">Name or alias; the default one when left out.</param>
/// <param name="Filter">What concepts must be like, as <c>docs/asking.md</c> describes it; all when left out.</param>
/// <param name="Explain">Also returns how the answer came about.</param>
/// <param name="Stream">Answers as server-sent events, as <c>Accept: text/event-stream</c> does.</param>
/// <param name="Mode">One of <see cref="QueryModes"/>; <c>auto</c> when left out.</param>
/// <param name="Generate">A language model writes the answer out of the evidence; refused where none is configured.</param>
public sealed record QueryRequest(
    string? Query,
    int TopK = 5,
    string? Collection = null,
    JsonElement? Filter = null,
    bool Explain = false,
    bool Stream = false,
    string? Mode = null,
    bool Generate = false);

public static class QueryModes
{
    /// <summary>Computes over metadata where the question can be read so, and finds texts otherwise.</summary>
    public const string Auto = "auto";

    /// <summary>Only finds texts.</summary>
    public const string Retrieve = "retrieve";
}

/// <summary>Answer of <c>POST /api/query</c>.</summary>
/// <param name="Answer">Null when the evidence does not support an answer.</param>
/// <param name="Confidence">The probability that the answer is right, 0..1; without an answer, that of the best there was.</param>
/// <param name="Evidence">What proves the answer first, then what else was found, best first.</param>
/// <param name="NoAnswerReason">Why there is no answer, when there is none.</param>
/// <param name="Timing">Milliseconds by stage.</param>
/// <param name="Truncated">True when the question is longer than the model reads: its nearest were looked for by its beginning.</param>
public sealed record QueryResponse(
    string? Answer,
    double Confidence,
    IReadOnlyList<Evidence> Evidence,
    string? NoAnswerReason,
    QueryTiming Timing,
    bool Truncated = false)
{
    /// <summary>What in the evidence proves which part of the answer.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>The answer for programs; empty when it is text only.</summary>
    public IReadOnlyList<AnswerValue> Values { get; init; } = [];

    /// <summary>How it was answered: <c>lookup</c>, <c>extreme</c>, <c>aggregate</c>, <c>comparison</c>, <c>trend</c>, <c>which</c> or <c>retrieval</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>What became of the wish that a language model writes the answer, when that was asked for.</summary>
    public QueryGeneration? Generation { get; init; }

    /// <summary>How the answer came about, when that was asked for.</summary>
    public QueryExplanation? Explanation { get; init; }
}

/// <summary>One concept that speaks to the question.</summary>
/// <param name="Score">Ranking score, higher is better.</param>
public sealed record Evidence(string ConceptId, string Content, double Score, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A part of the answer, and what proves it. Places are counted in UTF-16 characters, from 0; ends are behind the last one.</summary>
/// <param name="Source">The concept's metadata <c>source</c>.</param>
/// <param name="Start">Where in the content; null when only the metadata say it.</param>
/// <param name="AnswerStart">Where in the answer.</param>
/// <param name="Field">The metadata field that says it; null when only the content does.</param>
public sealed record Citation(string ConceptId, string? Source, int? Start, int? End, int AnswerStart, int AnswerEnd, string? Field = null);

/// <param name="Name">A metadata field, or what was computed.</param>
/// <param name="ConceptId">The concept that has it; null when it was computed from several.</param>
public sealed record AnswerValue(string Name, string Value, string? ConceptId = null);

/// <summary>Milliseconds by stage of a query; the total is more than the sum when the query had to wait for others, and for the audit record.</summary>
public sealed record QueryTiming(double EmbedMs, double SearchMs, double AnswerMs, double TotalMs)
{
    /// <summary>What the language model took; null when it was not asked.</summary>
    public double? GenerateMs { get; init; }
}
