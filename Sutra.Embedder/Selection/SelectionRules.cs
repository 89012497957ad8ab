using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Selection;

/// <summary>Which of several models answers a call that leaves the choice to the embedder, and why.</summary>
internal static class SelectionRules
{
    /// <summary>What <see cref="ModelPreference.Balanced"/> pays for a token at most, next to all-MiniLM-L6-v2: on a CPU a small model, on a GPU a base one.</summary>
    private const double CpuBudget = 2;
    private const double GpuBudget = 20;

    /// <param name="candidates">At least one.</param>
    /// <param name="dimensions">Wanted; null: any.</param>
    /// <param name="preference">What matters more.</param>
    /// <param name="provider">Where models run.</param>
    /// <exception cref="CallException">None of them gives that many dimensions.</exception>
    public static (ModelCandidate Chosen, string Reason) Choose(
        IReadOnlyList<ModelCandidate> candidates, int? dimensions, ModelPreference preference, string provider)
    {
        var fitting = candidates.Where(candidate => dimensions is null || candidate.Dimensions.Contains(dimensions.Value)).ToList();
        if (fitting.Count == 0)
        {
            var sizes = candidates.SelectMany(candidate => candidate.Dimensions).Distinct().OrderDescending();
            throw new CallException("dimensions", $"dimensions: no model that is here gives {dimensions}; there are {string.Join(", ", sizes)}.");
        }

        var budget = provider == ExecutionProviders.Cuda ? GpuBudget : CpuBudget;
        var affordable = fitting.Where(candidate => candidate.Cost <= budget).ToList();
        var (chosen, how) = preference switch
        {
            ModelPreference.Latency => (fitting.OrderBy(c => c.Cost).ThenBy(c => c.QualityRank).First(), "the fastest"),
            ModelPreference.Quality => (Best(fitting), "the best"),
            _ when affordable.Count > 0 => (Best(affordable), $"the best that is quick enough on {provider}"),
            _ => (fitting.MinBy(c => c.Cost)!, $"the quickest, none being quick on {provider}"),
        };
        var among = fitting.Count == 1 ? "the only one" : $"{how} of {fitting.Count}";
        return (chosen, dimensions is null ? $"auto: {among} that is here" : $"auto: {among} that gives {dimensions} dimensions");
    }

    // Of equals the default, whose vectors are most likely kept already.
    private static ModelCandidate Best(IEnumerable<ModelCandidate> candidates) =>
        candidates.OrderBy(c => c.QualityRank).ThenByDescending(c => c.IsDefault).ThenBy(c => c.Cost).First();
}
