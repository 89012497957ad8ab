using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Pipeline;

/// <summary>Keeps what texts gave. A failure is never kept.</summary>
internal interface IVectorCache
{
    /// <summary>The embeddings of <paramref name="texts"/>: those that are known, and what <paramref name="make"/> gives for the rest.</summary>
    /// <param name="space">Names everything but the text that decides a vector: model, revision, prefix, truncation.</param>
    /// <param name="dimensions">Of the vectors in that space.</param>
    /// <param name="hints">What <paramref name="make"/> is like.</param>
    /// <param name="texts">May hold the same text twice: it is made once.</param>
    /// <param name="make">Makes the texts at the given places, in that order.</param>
    /// <param name="cancellation">
    /// Ends the waiting of this caller; others who wait for the same texts go on. While they wait for what this caller is
    /// making, it is still made, and the call ends then.
    /// </param>
    Task<TextEmbedding[]> GetOrMakeAsync(
        string space,
        int dimensions,
        WorkHints hints,
        IReadOnlyList<string> texts,
        Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> make,
        CancellationToken cancellation);
}

/// <summary>What making embeddings is like, which tells whether it is worth asking somebody else for them.</summary>
/// <param name="TextCost">Expected of one text, once it has its turn; zero: not known yet.</param>
/// <param name="IsBulk">It may wait long for its turn.</param>
internal readonly record struct WorkHints(TimeSpan TextCost, bool IsBulk);

/// <summary>Keeps nothing.</summary>
internal sealed class NoVectorCache : IVectorCache
{
    public Task<TextEmbedding[]> GetOrMakeAsync(
        string space,
        int dimensions,
        WorkHints hints,
        IReadOnlyList<string> texts,
        Func<IReadOnlyList<int>, CancellationToken, Task<TextEmbedding[]>> make,
        CancellationToken cancellation) => make([.. Enumerable.Range(0, texts.Count)], cancellation);
}
