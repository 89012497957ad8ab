using Sutra.Embedder.Catalog;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Selection;

/// <summary>A model that may be chosen for a call that leaves the choice to the embedder.</summary>
/// <param name="Name">What it is asked for by.</param>
/// <param name="Dimensions">The sizes its vectors may have.</param>
/// <param name="QualityRank">1 is the best; unknown models come last.</param>
/// <param name="Cost">Of a token, next to all-MiniLM-L6-v2; unknown models count as that one.</param>
/// <param name="IsDefault">The model of requests that name none.</param>
internal sealed record ModelCandidate(string Name, IReadOnlyList<int> Dimensions, int QualityRank, double Cost, bool IsDefault)
{
    /// <summary>Null: nobody knows its dimensions without loading it, and it is not loaded.</summary>
    public static ModelCandidate? Of(AvailableModel model, LoadedModel? loaded, ModelCatalog catalog, bool isDefault)
    {
        var entry = catalog.Find(model.Name);
        var dimensions = loaded?.LegalDimensions ?? (entry is null ? null : [.. entry.MatryoshkaDimensions, entry.Dimensions]);
        return dimensions is null ? null : new ModelCandidate(model.Name, dimensions, entry?.QualityRank ?? int.MaxValue, entry?.RelativeCost ?? 1, isDefault);
    }
}
