using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Store;

namespace Sutra.Cli.ModelCommands;

/// <summary>The store, the catalog and the hub that the commands work with, configured as the embedder is.</summary>
internal sealed record ModelShelf(ModelStore Store, ModelCatalog Catalog, HubOptions Hub)
{
    public static ModelShelf Open(string? store, string defaultStore) => new(
        new ModelStore(store ?? Variable("Embedder__StorePath") ?? defaultStore, TimeProvider.System),
        ModelCatalog.Load(Variable("Embedder__CatalogPath")),
        HubOptions.FromEnvironment(Variable("Embedder__HubEndpoint")));

    /// <summary>What a name means, by way of the catalog, too: a repository finds the model that was pulled by its id.</summary>
    /// <exception cref="ModelStoreException">Nothing in the store.</exception>
    public IReadOnlyList<StoredModel> Find(string name, ModelPrecision? precision = null) =>
        Store.FindAll(name, precision) is { Count: > 0 } found
            ? found
            : throw new ModelStoreException($"'{name}' is not in the store ({Store.Root}).");

    /// <summary>Damaged folders, of that name or all.</summary>
    public IReadOnlyList<string> Broken(string? name) =>
    [
        .. Store.Broken().Where(folder => name is null
            || string.Equals(Path.GetFileName(Path.GetDirectoryName(folder)), name.Split('@')[0].Replace("/", "--", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)),
    ];

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
