namespace Sutra.Contracts.Api;

/// <summary>Body of <c>POST /api/collections</c>.</summary>
/// <param name="Name">1–64 of a-z, 0-9, - and _, beginning with a letter or digit.</param>
/// <param name="Model">A model that the embedder serves, by name or <c>name@revision</c>; its default when left out. Fixed, but for re-embedding.</param>
/// <param name="Dimension">Size of the vectors, to be sure: it must be that of the model. Fixed.</param>
/// <param name="M">Links of a vector, 4–64; default 16. Fixed.</param>
/// <param name="EfConstruction">Candidates that a vector's links are chosen from, 1–10,000; default 200. Fixed.</param>
/// <param name="EfSearch">Candidates that a search keeps, 1–10,000; default 96.</param>
/// <param name="Language">Whose word endings are removed: None, English, German, French, Spanish, Italian, Portuguese or Dutch; default English. Fixed.</param>
/// <param name="TimeToLiveSeconds">Concepts are removed so long after they were last learned, 1 second to 100 years; they stay when left out.</param>
/// <param name="Expiry">What is removed earlier, by its metadata; at most 16.</param>
public sealed record CreateCollectionRequest(
    string? Name,
    string? Model = null,
    int? Dimension = null,
    int? M = null,
    int? EfConstruction = null,
    int? EfSearch = null,
    string? Language = null,
    long? TimeToLiveSeconds = null,
    IReadOnlyList<ExpiryRuleContract>? Expiry = null);

/// <summary>Body of <c>PATCH /api/collections/{name}</c>; what is left out stays as it is.</summary>
/// <param name="EfSearch">1–10,000.</param>
/// <param name="TimeToLiveSeconds">1 second to 100 years; 0: concepts stay.</param>
/// <param name="Expiry">Instead of the rules there are; at most 16.</param>
public sealed record UpdateCollectionRequest(int? EfSearch = null, long? TimeToLiveSeconds = null, IReadOnlyList<ExpiryRuleContract>? Expiry = null);

/// <summary>Concepts whose metadata key has exactly this value are removed so long after they were last learned.</summary>
/// <param name="Key">Of the metadata, 1–256 bytes of UTF-8.</param>
/// <param name="Value">0–4096 bytes of UTF-8.</param>
/// <param name="AfterSeconds">1 second to 100 years.</param>
public sealed record ExpiryRuleContract(string? Key, string? Value, long AfterSeconds);

/// <summary>A collection.</summary>
/// <param name="Name">By which it is called; empty in a request means <c>default</c>.</param>
/// <param name="Id">No other collection ever has it; null for the default one that came with the data folder.</param>
/// <param name="Model">Identity of the only model that it takes; null: any.</param>
/// <param name="Dimension">The only size of vectors that it takes; null: any.</param>
/// <param name="CreatedAt">Null for the default one that came with the data folder.</param>
/// <param name="Aliases">Other names of it.</param>
/// <param name="Concepts">How many there are.</param>
public sealed record CollectionResponse(
    string Name,
    string? Id,
    string? Model,
    int? Dimension,
    int M,
    int EfConstruction,
    int EfSearch,
    string Language,
    long? TimeToLiveSeconds,
    IReadOnlyList<ExpiryRuleContract> Expiry,
    DateTimeOffset? CreatedAt,
    IReadOnlyList<string> Aliases,
    long Concepts);

/// <summary>Answer of <c>GET /api/collections</c>, sorted by name.</summary>
public sealed record CollectionsResponse(IReadOnlyList<CollectionResponse> Collections);

/// <summary>Answer of <c>GET /api/collections/{name}</c>.</summary>
public sealed record CollectionDetailResponse(CollectionResponse Collection, CollectionStatistics Statistics);

/// <summary>What a collection is made of, by part.</summary>
/// <param name="Writable">False: the storage had a failure with it, and takes no more writes.</param>
/// <param name="ConceptsByModel">How many concepts each model embedded.</param>
/// <param name="LogBytes">Of the log on disk.</param>
/// <param name="VectorBytes">Of vectors in memory, not in segments yet.</param>
/// <param name="Segments">Files of concepts.</param>
/// <param name="SegmentBytes">Of them, on disk.</param>
/// <param name="IndexBytes">In them, of links and codes of vectors.</param>
/// <param name="DeadRows">Concepts in them that were deleted or replaced, and whose space has not come back yet.</param>
/// <param name="Entities">Pairs of concept and entity.</param>
/// <param name="Links">Links of concepts to others.</param>
/// <param name="AssociationBytes">Of both, in memory and in files.</param>
public sealed record CollectionStatistics(
    bool Writable,
    IReadOnlyDictionary<string, long> ConceptsByModel,
    long LogBytes,
    long VectorBytes,
    int Segments,
    long SegmentBytes,
    long IndexBytes,
    long DeadRows,
    long Entities,
    long Links,
    long AssociationBytes);

/// <summary>Body of <c>PUT /api/aliases/{alias}</c>.</summary>
/// <param name="Collection">The collection that the alias means from now on, or another alias of it.</param>
public sealed record SetAliasRequest(string? Collection);
