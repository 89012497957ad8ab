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

    /// <summary>Vectors of short texts that a question waits for, as documents are embedded.</summary>
    /// <param name="model">Identity; null: the default one.</param>
    /// <returns>In the order of the texts; an empty one for a text without a vector.</returns>
    /// <exception cref="ComponentException">The embedder is away, or refused.</exception>
    public async Task<IReadOnlyList<float[]>> EmbedPhrasesAsync(IReadOnlyList<string> texts, string? model, Caller caller, CancellationToken cancellation)
    {
        var request = new EmbedRequest
        {
            Model = model ?? "",
            Options = new EmbedOptions { InputType = InputType.Document, Priority = Priority.Interactive },
            PerItemErrors = true,
        };
        request.Texts.AddRange(texts);
        var response = await Call(caller, options.Value.Deadline).InvokeAsync(call => client.EmbedAsync(request, call), cancellation);
        return [.. response.Embeddings.Select(embedding => embedding.Error is null ? embedding.Values.ToArray() : [])];
    }
}
