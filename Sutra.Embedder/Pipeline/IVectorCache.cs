using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Pipeline;

/// <summary>Keeps what texts gave. A failure is never kept.</summary>
internal interface IVectorCache
{
    /// <summary>The embeddings of <paramref name="texts"/>: those that are known, and what <paramref name="make"/> gives for the rest.</summary>
    /// <param name="space">Names everything but the text that decides a vector: model, revision, prefix, truncation.</param>
    /// <param name="dimensions">Of the vectors in that space.</param>
    /// <param name="texts">May hold the same text twice: it is made once.</param>
    /// <param name="make">Makes the texts at the given places, in that order.</param>
    /// <param name="cancellation">Ends the waiting of this caller; others who wait for the same texts go on.</param>
    Task<TextEmbedding[]> GetOrMakeAsync(
        string space,
        int dimensions,
        IReadOnlyList<string> texts,
        Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> make,
        CancellationToken cancellation);
}

/// <summary>Keeps nothing.</summary>
internal sealed class NoVectorCache : IVectorCache
{
    public Task<TextEmbedding[]> GetOrMakeAsync(
        string space,
        int dimensions,
        IReadOnlyList<string> texts,
        Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> make,
        CancellationToken cancellation) => make([.. Enumerable.Range(0, texts.Count)], cancellation);
}
