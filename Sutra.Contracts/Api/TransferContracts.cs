namespace Sutra.Contracts.Api;

/// <summary>A line of <c>GET /api/collections/{name}/export</c>, and of the body of <c>POST /api/collections/{name}/import</c>; the limits are those of <see cref="LearnRequest"/>.</summary>
/// <param name="Id">Kept by an import, which replaces what has it; the one that the content makes it when left out.</param>
/// <param name="LearnedAt">Kept by an import, with an id; now when left out.</param>
/// <param name="Model">Identity of the model that made the embedding.</param>
/// <param name="Embedding">
/// Base64 of little-endian 32-bit floats; null when it was not asked for. An import uses it where the collection has this model, and makes its own otherwise.
/// </param>
public sealed record ConceptLine(
    string? Id = null,
    string? Content = null,
    IReadOnlyDictionary<string, string>? Metadata = null,
    IReadOnlyList<AssociationContract>? Associations = null,
    string? Owner = null,
    DateTimeOffset? LearnedAt = null,
    string? Model = null,
    string? Embedding = null);

/// <summary>A line of the answer of an import: what is wrong with a line, or, last of all, the summary.</summary>
/// <param name="Line">Of the body, counted from 1.</param>
/// <param name="Error">Why it was not imported.</param>
/// <param name="Summary">Only at the end: without it the import is not complete.</param>
public sealed record ImportLine(int? Line, ItemError? Error, ImportSummary? Summary = null);

/// <summary>What an import came to.</summary>
/// <param name="Created">Concepts that were not there.</param>
/// <param name="Replaced">Concepts that were, and are as their lines say now.</param>
/// <param name="Failed">Lines that were not imported.</param>
/// <param name="Untold">How many of those have no line of their own in the answer, as there were too many.</param>
public sealed record ImportSummary(long Created, long Replaced, long Failed, long Untold);
