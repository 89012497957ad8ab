using System.Collections.Concurrent;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Store;

/// <summary>The store's models, to be served by name; of one name the last pulled.</summary>
internal sealed class StoredModels(ModelStore store, ModelCatalog catalog, TimeProvider time) : IModelSource, IDisposable
{
    // Requests ask for the list; a model that was just pulled may wait this long.
    private static readonly TimeSpan ListedFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, IDisposable> _leases = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private IReadOnlyList<AvailableModel>? _listed;
    private long _listedAt;

    public IReadOnlyList<AvailableModel> List()
    {
        lock (_lock)
        {
            if (_listed is null || time.GetElapsedTime(_listedAt) >= ListedFor)
            {
                _listed = [.. store.List().Select(model => new AvailableModel(model.Name, model.Path, model.Revision[..12], () => Use(model), catalog.Find(model.Name)?.ToHints()))];
                _listedAt = time.GetTimestamp();
            }

            return _listed;
        }
    }

    /// <summary>As <see cref="ModelStore.Sweep"/>; what this process used, but not for <paramref name="unused"/>, counts as unused.</summary>
    public IReadOnlyList<StoredModel> Sweep(TimeSpan unused, Func<StoredModel, bool> keep, DateTimeOffset now)
    {
        foreach (var model in store.List().Where(model => unused > TimeSpan.Zero && now - model.LastUsed > unused))
        {
            Release(model.Path);
        }

        var removed = store.Sweep(unused, keep);
        lock (_lock)
        {
            _listed = null;
        }

        return removed;
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
