namespace Sutra.Contracts.Api;

/// <summary>Answer of <c>POST /api/documents</c>.</summary>
/// <param name="Documents">In the order of the request.</param>
public sealed record DocumentsResponse(IReadOnlyList<DocumentResponse> Documents);

/// <summary>What became of a document.</summary>
/// <param name="DocumentId">By which it is replaced, read and deleted.</param>
/// <param name="Source">Its name.</param>
/// <param name="Chunks">Pieces that it has.</param>
/// <param name="Created">Of them that were not known.</param>
/// <param name="Unchanged">Of them that were there as they are, and were left alone.</param>
/// <param name="Deleted">Pieces of what it was before that it has no more.</param>
/// <param name="Truncated">Pieces longer than the model reads: found by their beginning only.</param>
/// <param name="ConceptIds">Of its pieces, in order; null where one has an error.</param>
/// <param name="Errors">Pieces that were not learned; while there are any, nothing is deleted.</param>
/// <param name="Error">Why nothing of it was learned; null when it was.</param>
public sealed record DocumentResponse(
    string DocumentId,
    string Source,
    int Chunks,
    int Created,
    int Unchanged,
    int Deleted,
    int Truncated,
    IReadOnlyList<string?> ConceptIds,
    IReadOnlyList<DocumentError> Errors,
    ItemError? Error);

/// <summary>A piece that was not learned.</summary>
/// <param name="Chunk">Counted from 1.</param>
public sealed record DocumentError(int Chunk, ItemError Error);

/// <summary>Answer of <c>GET /api/documents/{id}</c>.</summary>
/// <param name="Source">Its name.</param>
/// <param name="LearnedAt">When a piece of it was learned last; UTC.</param>
public sealed record DocumentDescription(string DocumentId, string Source, DateTimeOffset LearnedAt, IReadOnlyList<DocumentChunk> Chunks);

/// <summary>A piece of a document.</summary>
/// <param name="Chunk">Counted from 1.</param>
/// <param name="Section">The headings above it, outermost first, with " &gt; " between; null when there are none.</param>
/// <param name="Offset">Where in the source it begins, in UTF-16 units.</param>
/// <param name="Length">In UTF-16 units of the source.</param>
public sealed record DocumentChunk(string ConceptId, int Chunk, string? Section, int Offset, int Length);
