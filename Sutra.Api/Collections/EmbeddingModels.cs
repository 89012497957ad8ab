using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Collections;

/// <summary>What the embedder can stamp a collection with.</summary>
internal sealed class EmbeddingModels(Embedder.EmbedderClient client, ServiceIdentity identity, TimeProvider time)
{
    // It is loaded if need be.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <param name="model">Name or <c>name@revision</c>; null or empty: the embedder's default.</param>
    /// <param name="dimension">Size of vectors; null: whatever it gives.</param>
    /// <exception cref="ApiProblem">400: the embedder serves no such model, or not in this size.</exception>
    /// <exception cref="ComponentException">The embedder does not say.</exception>
    public async Task<(string Identity, int Dimension)> FindAsync(string? model, int? dimension, CancellationToken cancellation)
    {
        GetInfoResponse info;
        try
        {
            info = await new UnaryCall(Components.Embedder, identity.Caller, s_limit, time)
                .InvokeAsync(call => client.GetInfoAsync(new GetInfoRequest { Model = model ?? "" }, call), cancellation);
        }
        catch (ComponentException e) when (e.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            throw ApiProblem.Invalid("model", "The embedder serves no model of this name; GET /v1/models lists them.");
        }

        // The storage keeps whole vectors: its own codes make them small.
        return dimension is null || dimension == info.Dimensions
            ? (info.Model, info.Dimensions)
            : throw ApiProblem.Invalid("dimension", $"The model gives vectors of {info.Dimensions} dimensions.");
    }
}
