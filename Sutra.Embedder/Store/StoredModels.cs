using System.Collections.Concurrent;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Store;

/// <summary>The store's models, to be served by name; of one name the last pulled.</summary>
internal sealed class StoredModels(ModelStore store, ModelCatalog catalog) : IModelSource, IDisposable
{
    private readonly ConcurrentDictionary<string, IDisposable> _leases = new(StringComparer.Ordinal);

    public IReadOnlyList<AvailableModel> List() =>
        [.. store.List().Select(model => new AvailableModel(model.Name, model.Path, model.Revision[..12], () => Use(model), catalog.Find(model.Name)?.ToHints()))];

    /// <summary>As <see cref="ModelStore.Sweep"/>; what this process used, but not for <paramref name="unused"/>, counts as unused.</summary>
    public IReadOnlyList<StoredModel> Sweep(TimeSpan unused, Func<StoredModel, bool> keep, DateTimeOffset now)
    {
        foreach (var model in store.List().Where(model => unused > TimeSpan.Zero && now - model.LastUsed > unused))
        {
            Release(model.Path);
        }

        return store.Sweep(unused, keep);
    }

    public void Dispose()
    {
        foreach (var path in _leases.Keys)
        {
            Release(path);
        }
    }

    // Noted before it is leased: between the two a sweep sees a model that is used.
    private void Use(StoredModel model)
    {
        store.Touch(model);
        if (!_leases.ContainsKey(model.Path) && store.Lease(model) is { } lease && !_leases.TryAdd(model.Path, lease))
        {
            lease.Dispose();
        }
    }

    private void Release(string path)
    {
        if (_leases.TryRemove(path, out var lease))
        {
            lease.Dispose();
        }
    }
}
