namespace Sutra.Contracts.Api;

/// <summary>A line, or element, of the body of <c>POST /api/learn/batch</c>; the limits are those of <see cref="LearnRequest"/>.</summary>
/// <param name="Owner">Wins over that of the query string.</param>
/// <param name="Id">The concept to replace; the one that the content makes it when left out.</param>
/// <param name="Collection">Must be left out: a batch is for one collection, that of the query string.</param>
public sealed record LearnBatchItem(
    string? Content,
    IReadOnlyDictionary<string, string>? Metadata = null,
    IReadOnlyList<AssociationContract>? Associations = null,
    string? Owner = null,
    string? Id = null,
    string? Collection = null);

/// <summary>What became of an item; the results are in the order of the items.</summary>
/// <param name="Index">Counted from 0.</param>
/// <param name="Line">Of NDJSON, counted from 1; null in an array.</param>
/// <param name="ConceptId">Null when it was not learned.</param>
/// <param name="Created">False when what was known was replaced.</param>
/// <param name="Truncated">The content is longer than the model reads.</param>
/// <param name="Error">Why it was not learned; null when it was.</param>
public sealed record LearnBatchResult(int Index, int? Line, string? ConceptId, bool Created, bool Truncated, ItemError? Error);

/// <summary>What is wrong with one of many items.</summary>
/// <param name="Code">As of a problem.</param>
/// <param name="Field">By its JSON name; null when it is none in particular.</param>
/// <param name="Message">The rule that it breaks, for people.</param>
/// <param name="Retryable">The same item may be learned later.</param>
public sealed record ItemError(string Code, string? Field, string Message, bool Retryable);
