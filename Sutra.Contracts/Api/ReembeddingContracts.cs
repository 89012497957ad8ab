namespace Sutra.Contracts.Api;

/// <summary>Body of <c>POST /api/collections/{name}/reembed</c>.</summary>
/// <param name="Model">A model that the embedder serves, by name or <c>name@revision</c>.</param>
/// <param name="Dimension">Size of the vectors, to be sure: it must be that of the model.</param>
public sealed record ReembedRequest(string? Model, int? Dimension = null);

/// <summary>How a collection goes over to another model.</summary>
/// <param name="Id">32 hex digits.</param>
/// <param name="Collection">Its name.</param>
/// <param name="Model">Identity of the model that it goes over to.</param>
/// <param name="State"><c>running</c>, <c>waiting</c> (nobody works on it just now; it is gone on with) or <c>completed</c>.</param>
/// <param name="Done">How many concepts have a vector of that model.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Failure">What has gone wrong last; it is tried again. Null when nothing has.</param>
public sealed record ReembeddingResponse(
    string Id, string Collection, string Model, int Dimension, string State, long Done, long Total, string? Failure, DateTimeOffset CreatedAt);

/// <summary>Answer of <c>GET /api/reembeddings</c>: those that are not completed.</summary>
public sealed record ReembeddingsResponse(IReadOnlyList<ReembeddingResponse> Reembeddings);
