using System.Collections.Concurrent;
using Sutra.Embedder.Catalog;
using Sutra.Embedder.Models;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Store;

/// <summary>The store's models, to be served; a name alone means what the catalog pins, in the precision that it names first, else what was pulled last.</summary>
internal sealed partial class StoredModels(ModelStore store, ModelCatalog catalog, TimeProvider time, ILogger<StoredModels> logger) : IModelSource, IDisposable
{
    // Requests ask for the list; a model that was just pulled may wait this long.
    private static readonly TimeSpan ListedFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, IDisposable> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _computed = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private IReadOnlyList<AvailableModel>? _listed;
    private long _listedAt;

    public IReadOnlyList<AvailableModel> List()
    {
        lock (_lock)
        {
            if (_listed is null || time.GetElapsedTime(_listedAt) >= ListedFor)
            {
                _listed = [.. store.List().OrderBy(static model => model.Name, StringComparer.Ordinal).ThenBy(Rank).Select(Describe)];
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

    private AvailableModel Describe(StoredModel model)
    {
        var hints = catalog.Find(model.Name)?.ToHints();
        return new(model.Name, model.Path, model.ContentRevision ?? Compute(model, hints), () => Use(model), hints, model.Precision, model.Revision);
    }

    // Place among those of its name; of equals the last pulled stays first.
    private int Rank(StoredModel model)
    {
        if (catalog.Find(model.Name) is not { } entry || entry.Revision != model.Revision)
        {
            return int.MaxValue;
        }

        return entry.Quantizations.TakeWhile(known => known.ToPrecision() != model.Precision).Count();
    }

    // Once: it reads all of the model.
    private string? Compute(StoredModel model, ModelHints? hints)
    {
        if (!_computed.TryGetValue(model.Path, out var revision))
        {
            try
            {
                revision = ModelIdentity.Of(ModelFolder.Open(model.Path, model.Precision, hints), model.Name).Revision;
                Log.Computed(logger, model.Id, revision);
            }
            catch (Exception e) when (e is ModelException or IOException or UnauthorizedAccessException)
            {
                // Whoever asks for it is told when it cannot be loaded.
            }

            _computed[model.Path] = revision;
        }

        return revision;
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

    private static partial class Log
    {
        [LoggerMessage(332, LogLevel.Information, "Model {Model} was pulled by another version of Sutra, which did not note its revision; from its files it is {Revision}")]
        public static partial void Computed(ILogger logger, string model, string revision);
    }
}
