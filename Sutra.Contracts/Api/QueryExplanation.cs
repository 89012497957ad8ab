namespace Sutra.Contracts.Api;

/// <summary>How an answer came about.</summary>
/// <param name="Drafts">The answers that were come by, in this order; the surest was given, if it was sure enough.</param>
public sealed record QueryExplanation(QuestionReading Question, IReadOnlyList<ExplainedStage> Stages, IReadOnlyList<ExplainedDraft> Drafts);

/// <param name="Answer">Null: there was none.</param>
/// <param name="Features">What its confidence follows from.</param>
public sealed record ExplainedDraft(string Kind, string? Answer, double Confidence, IReadOnlyList<AnswerValue> Values, IReadOnlyList<ExplainedFeature> Features);

/// <summary>What was understood of the question.</summary>
/// <param name="Terms">What is matched word by word.</param>
/// <param name="Constraints">Metadata that it names: <c>field = value</c>.</param>
/// <param name="Times">Times that it names: <c>from/until</c>, the end not included.</param>
/// <param name="Measures">Metadata fields that it may ask for, with scores.</param>
/// <param name="Unexplained">Words that mean nothing to this collection's metadata.</param>
public sealed record QuestionReading(
    IReadOnlyList<string> Terms,
    IReadOnlyList<string> Constraints,
    IReadOnlyList<string> Times,
    IReadOnlyList<ExplainedFeature> Measures,
    string? Plan,
    IReadOnlyList<string> Unexplained);

/// <param name="Filter">In the form that requests have it.</param>
/// <param name="Candidates">The best of them, in the stage's order.</param>
/// <param name="Found">How many there were.</param>
public sealed record ExplainedStage(string Name, double Milliseconds, string? Filter, int? Found, IReadOnlyList<ExplainedCandidate> Candidates);

/// <summary>Scores and ranks of a candidate by leg; a rank of 0: not among the leg's candidates.</summary>
public sealed record ExplainedCandidate(
    string ConceptId, double Score, double Vector, int VectorRank, double Text, int TextRank, double Graph, int GraphRank, double? Coverage = null);

public sealed record ExplainedFeature(string Name, double Value);
