using Sutra.Api.Clients;
using Sutra.Api.Identity;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

internal sealed partial class EmbedderClient
{
    /// <summary>Vectors of single words, to compare them with each other.</summary>
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public async Task<IReadOnlyList<float[]>> EmbedWordsAsync(IReadOnlyList<string> words, Caller caller, CancellationToken cancellation)
    {
        var request = new EmbedRequest();
        request.Texts.AddRange(words);
        var response = await Call(caller, options.Value.Deadline).InvokeAsync(call => client.EmbedAsync(request, call), cancellation);
        return [.. response.Embeddings.Select(embedding => embedding.Values.ToArray())];
    }
}
