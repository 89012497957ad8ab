using System.Buffers.Binary;
using Microsoft.Extensions.AI;

namespace Sutra.Client;

/// <summary>The models that Sutra serves, for whatever speaks <c>Microsoft.Extensions.AI</c>.</summary>
/// <param name="client">Its connections and its key are used; it is not disposed.</param>
/// <param name="model">Name or <c>name@revision</c>; <c>auto</c>: the one that fits best.</param>
/// <param name="inputType">What the texts are for, <c>query</c> or <c>document</c>: models that were trained with prefixes get theirs. None when null.</param>
public sealed class SutraEmbeddingGenerator(SutraClient client, string model = "auto", string? inputType = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    // As many as one request may have.
    private const int MostAtOnce = 2048;

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var all = new GeneratedEmbeddings<Embedding<float>>();
        long tokens = 0;
        foreach (var part in values.Chunk(MostAtOnce))
        {
            var answer = await client.EmbedAsync(new EmbedBody(options?.ModelId ?? model, part, options?.Dimensions, inputType), cancellationToken).ConfigureAwait(false);
            foreach (var item in answer.Data.OrderBy(item => item.Index))
            {
                all.Add(new Embedding<float>(Decode(item.Embedding)) { ModelId = answer.Model });
            }

            tokens += answer.Usage?.PromptTokens ?? 0;
        }

        all.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return all;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("sutra", client.BaseAddress, model)
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(SutraClient) ? client : null;
    }

    /// <summary>Nothing of its own is held.</summary>
    public void Dispose()
    {
    }

    // Little-endian floats, as OpenAI's.
    private static float[] Decode(string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return vector;
    }
}
