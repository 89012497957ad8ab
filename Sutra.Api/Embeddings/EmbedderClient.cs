using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

/// <summary>The embedder, over gRPC. It keeps what it embedded, so nothing is kept here.</summary>
internal sealed class EmbedderClient(Embedder.EmbedderClient client, IOptions<EmbeddingOptions> options, TimeProvider time)
{
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public async Task<Embedded> EmbedAsync(string text, Caller caller, CancellationToken cancellation)
    {
        var response = await Call(caller, options.Value.Deadline)
            .InvokeAsync(call => client.EmbedAsync(new EmbedRequest { Texts = { text } }, call), cancellation);
        var embedding = response.Embeddings[0];
        return new Embedded([.. embedding.Values], response.Model, embedding.Truncated);
    }

    public async Task<ServedModel> GetModelAsync(Caller caller, TimeSpan limit, CancellationToken cancellation)
    {
        var info = await Call(caller, limit).InvokeAsync(call => client.GetInfoAsync(new GetInfoRequest(), call), cancellation);
        return new ServedModel(info.Model, info.Dimensions, info.Cache);
    }

    private UnaryCall Call(Caller caller, TimeSpan limit) => new(Components.Embedder, caller, limit, time);
}
