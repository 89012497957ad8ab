namespace Sutra.Contracts.Api;

/// <summary>Body of <c>POST /api/query</c>.</summary>
/// <param name="Query">The question; 1–8192 characters, not only white space.</param>
/// <param name="TopK">How much evidence to return, 1–100; default 5. Less comes back where there is less, or where so many texts are larger than 32 MiB.</param>
public sealed record QueryRequest(string? Query, int TopK = 5);

/// <summary>Answer of <c>POST /api/query</c>.</summary>
/// <param name="Answer">Sentences taken word for word from the evidence; null when the evidence does not support an answer.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="Evidence">What was found, best first.</param>
/// <param name="NoAnswerReason">Why there is no answer, when there is none.</param>
/// <param name="Timing">Milliseconds by stage.</param>
/// <param name="Truncated">True when the question is longer than the model reads: its nearest were looked for by its beginning.</param>
public sealed record QueryResponse(
    string? Answer,
    double Confidence,
    IReadOnlyList<Evidence> Evidence,
    string? NoAnswerReason,
    QueryTiming Timing,
    bool Truncated = false);

/// <summary>One concept that speaks to the question.</summary>
/// <param name="Score">Ranking score, higher is better.</param>
public sealed record Evidence(string ConceptId, string Content, double Score, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Milliseconds by stage of a query; the total is more than the sum when the query had to wait for others, and for the audit record.</summary>
public sealed record QueryTiming(double EmbedMs, double SearchMs, double AnswerMs, double TotalMs);
