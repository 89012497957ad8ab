using Microsoft.Extensions.Options;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Serving;

/// <summary>The model that the configuration names: the default of every request that names none.</summary>
internal sealed class ConfiguredModels(IOptions<EmbedderOptions> options) : IModelSource
{
    public AvailableModel Default { get; } = new(NameOf(options.Value), options.Value.ModelPath, Precision: options.Value.Precision);

    public IReadOnlyList<AvailableModel> List() => [Default];

    private static string NameOf(EmbedderOptions options) => string.IsNullOrWhiteSpace(options.ModelName)
        ? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(options.ModelPath, AppContext.BaseDirectory)))
        : options.ModelName;
}
