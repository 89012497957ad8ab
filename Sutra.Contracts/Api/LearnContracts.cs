namespace Sutra.Contracts.Api;

/// <summary>Body of <c>POST /api/learn</c>.</summary>
/// <param name="Content">The text to remember; 1 character to 1 MiB of UTF-8, not only white space.</param>
/// <param name="Metadata">String pairs kept beside it; at most 64 pairs, keys of 1–256 and values of 0–4096 bytes of UTF-8.</param>
/// <param name="Associations">Edges to other concepts, which may be learned later; at most 64.</param>
/// <param name="Collection">Name or alias; the default one when left out.</param>
/// <param name="Owner">The data subject whom it is about or belongs to, at most 256 bytes of UTF-8; nobody in particular when left out.</param>
public sealed record LearnRequest(
    string? Content,
    IReadOnlyDictionary<string, string>? Metadata = null,
    IReadOnlyList<AssociationContract>? Associations = null,
    string? Collection = null,
    string? Owner = null);

/// <summary>Answer of <c>POST /api/learn</c> (201); the concept is on disk when it is sent.</summary>
/// <param name="ConceptId">16 lower-case hex digits; the same content always has the same id.</param>
/// <param name="Created">False when the content was known and its record was replaced.</param>
/// <param name="Truncated">
/// True when the content is longer than the model reads: all of it is kept, but it is found by its beginning only.
/// </param>
public sealed record LearnResponse(string ConceptId, bool Created, bool Truncated = false);

/// <summary>A typed, weighted edge from one concept to another.</summary>
/// <param name="ConceptId">The concept pointed to.</param>
/// <param name="Type">What the edge means, 1–64 bytes of UTF-8; default <c>related</c>.</param>
/// <param name="Weight">0..1; default 1.</param>
public sealed record AssociationContract(string ConceptId, string Type = "related", float Weight = 1);

/// <summary>Answer of <c>GET /api/concepts/{id}</c>.</summary>
/// <param name="Model">Identity of the model that made its vector.</param>
/// <param name="LearnedAt">When it was learned, or last changed; UTC.</param>
/// <param name="Owner">The data subject; null for nobody in particular.</param>
public sealed record ConceptResponse(
    string ConceptId,
    string Content,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<AssociationContract> Associations,
    string Model,
    DateTimeOffset LearnedAt,
    string? Owner);

/// <summary>Body of <c>PATCH /api/concepts/{id}</c>.</summary>
/// <param name="Metadata">Is put over what there is; null removes a pair.</param>
public sealed record ConceptPatch(IReadOnlyDictionary<string, string?>? Metadata);
