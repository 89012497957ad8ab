using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.PostProcessing;

namespace Sutra.Embedder.Pipeline;

/// <summary>What an <see cref="EmbeddingCall"/> gave.</summary>
/// <param name="Model">Who answered.</param>
/// <param name="Selection">Why that model, in one sentence.</param>
/// <param name="Dimensions">Of each vector.</param>
/// <param name="Type">Of each vector.</param>
/// <param name="Items">In the order of the texts.</param>
/// <param name="Timings">Where the time went.</param>
internal sealed record EmbeddingAnswer(
    ModelIdentity Model, string Selection, int Dimensions, VectorType Type, IReadOnlyList<EmbeddedText> Items, EmbeddingTimings Timings)
{
    /// <summary>Tokens read, special ones included.</summary>
    public long Tokens => Items.Sum(item => (long)item.TokenCount);

    /// <summary>Texts that were cut.</summary>
    public int Truncated => Items.Count(item => item.Truncated);
}

/// <summary>What an <see cref="EmbeddingCall"/> for the vectors of tokens gave.</summary>
/// <param name="Model">Who answered.</param>
/// <param name="Dimensions">Of a token's vector.</param>
/// <param name="Items">In the order of the texts; each text's vectors row by row.</param>
internal sealed record TokenVectors(ModelIdentity Model, int Dimensions, TextEmbedding[] Items);

/// <summary>One text's part of the answer.</summary>
/// <param name="Values">Not to be written to: caches hold the same; empty unless the type is float32.</param>
/// <param name="Codes">The quantised vector; null when the type is float32, or it failed.</param>
/// <param name="TokenCount">Tokens read, special ones included.</param>
/// <param name="Truncated">It was longer than the model reads, and was cut.</param>
/// <param name="Failure">Why there is no vector.</param>
internal readonly record struct EmbeddedText(
    ReadOnlyMemory<float> Values, byte[]? Codes, int TokenCount, bool Truncated, TextFailure Failure)
{
    public bool IsEmbedded => Failure == TextFailure.None;
}

/// <summary>Where the time of a call went.</summary>
/// <param name="Tokenization">Of the texts that no cache had.</param>
/// <param name="Queue">From being queued until a worker took the first text.</param>
/// <param name="Inference">From then on until the last one was done.</param>
/// <param name="Total">Of the whole call.</param>
internal readonly record struct EmbeddingTimings(TimeSpan Tokenization, TimeSpan Queue, TimeSpan Inference, TimeSpan Total);
