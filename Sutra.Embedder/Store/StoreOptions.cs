using System.ComponentModel.DataAnnotations;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Store;

/// <summary>Where pulled models lie and how long they stay. Section <c>Embedder</c>.</summary>
public sealed class StoreOptions : IValidatableObject
{
    /// <summary>Root of the store; default: <c>/app/models</c> in a container, else <c>.sutra/models</c>. Several processes may share it.</summary>
    public string? StorePath { get; set; }

    /// <summary>A JSON file of models to know besides ours; default: none.</summary>
    public string? CatalogPath { get; set; }

    /// <summary>Models that nothing used for this many days are removed; default 30; 0: never.</summary>
    [Range(0, 36_500, ErrorMessage = "Embedder:UnusedModelDays must be 0 (never) to 36500.")]
    public int UnusedModelDays { get; set; } = 30;

    /// <summary>Names of models that stay whatever their age; the configured one always does.</summary>
    public IList<string> PinnedModels { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        try
        {
            ModelCatalog.Load(CatalogPath);
            return [];
        }
        catch (ModelException e)
        {
            return [new ValidationResult(e.Message, [nameof(CatalogPath)])];
        }
    }

    /// <summary>Whether <paramref name="model"/> is one that must stay.</summary>
    internal bool Keeps(StoredModel model, EmbedderOptions embedder) =>
        PinnedModels.Contains(model.Name, StringComparer.OrdinalIgnoreCase)
        || string.Equals(embedder.ModelName, model.Name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(Path.TrimEndingDirectorySeparator(Path.GetFullPath(embedder.ModelPath, AppContext.BaseDirectory)), model.Path, StringComparison.Ordinal);
}
