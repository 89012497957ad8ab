using Microsoft.Extensions.Options;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Serving;

/// <summary>The model that the configuration names: the default of every request that names none.</summary>
internal sealed class ConfiguredModels : IModelSource
{
    private readonly AvailableModel[] _all;

    public ConfiguredModels(IOptions<EmbedderOptions> options)
    {
        Default = new(NameOf(options.Value), options.Value.ModelPath, Precision: options.Value.Precision);
        _all = [Default];
    }

    public AvailableModel Default { get; }

    public IReadOnlyList<AvailableModel> List() => _all;

    private static string NameOf(EmbedderOptions options) => string.IsNullOrWhiteSpace(options.ModelName)
        ? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(options.ModelPath, AppContext.BaseDirectory)))
        : options.ModelName;
}
