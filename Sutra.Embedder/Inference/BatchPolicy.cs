namespace Sutra.Embedder.Inference;

/// <summary>
/// What may share one run. On a CPU a run's cost is linear in its tokens from about 128 on, falls off the cache beyond about
/// 512, and padding costs more than real tokens; so packing only pays for short texts of nearly the same length.
/// </summary>
/// <param name="TokenBudget">Most tokens, padding included; a longer text runs alone.</param>
/// <param name="MaxPadding">Most padding, as a share of the real tokens.</param>
/// <param name="MaxTexts">Most texts. 1 for dynamically quantised models, whose activation scale is taken over the whole batch: there a text's vector would depend on its neighbours.</param>
internal sealed record BatchPolicy(int TokenBudget, double MaxPadding, int MaxTexts)
{
    /// <summary>Whether a batch of <paramref name="texts"/> texts with <paramref name="tokens"/> real tokens, padded to <paramref name="longest"/>, may run.</summary>
    public bool Allows(int texts, int longest, int tokens)
    {
        var padded = (long)texts * longest;
        return texts <= MaxTexts && padded <= TokenBudget && padded - tokens <= tokens * MaxPadding;
    }
}
