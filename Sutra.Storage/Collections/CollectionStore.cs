using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Collections;

/// <summary>
/// All collections of a data folder, each an engine of its own: <c>default</c> in the folder itself, the others under <c>collections</c>. Every member may be
/// called by any thread at any time; changes of what collections there are come one after the other.
/// </summary>
public sealed partial class CollectionStore : IDisposable
{
    private const string Folder = "collections";

    private readonly IFileSystem _files;
    private readonly string _root;
    private readonly CollectionStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly StorageTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly IDisposable _lock;
    private readonly CatalogFile _catalogFile;
    private readonly KeyRing? _ring;
    private readonly SemaphoreSlim _merging = new(1);
    private readonly ConcurrentDictionary<string, ConceptEngine> _engines = new(StringComparer.Ordinal);

    // One change at a time, held over its flushes.
    private readonly Lock _changing = new();
    private volatile Catalog _catalog;
    private volatile string? _failure;
    private bool _disposed;

    private CollectionStore(IFileSystem files, string root, IDisposable dataLock, CollectionStoreOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger logger)
    {
        _files = files;
        _root = root;
        _lock = dataLock;
        _options = options;
        _time = time;
        _telemetry = telemetry;
        _logger = logger;
        _catalogFile = new CatalogFile(files, root);
        _catalog = _catalogFile.Load();
        _ring = RingOpener.Open(files, root, options, _catalog.IsSealed, logger);
        try
        {
            if (options.Mode != EncryptionMode.Off && !_catalog.IsSealed)
            {
                Save(_catalog with { IsSealed = true });
            }

            RemoveLeftovers();
            OpenAll();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>The collection that is meant where none is named.</summary>
    public ConceptEngine Default => _engines[Catalog.Default];

    /// <summary>Every collection's engine, by name.</summary>
    public IReadOnlyDictionary<string, ConceptEngine> Engines => _engines;

    /// <summary>Why something takes no more writes; null while all do. Reads go on.</summary>
    public string? Failure => _failure ?? _ring?.Failure ?? _engines.Values.Select(engine => engine.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Takes the data folder for itself, recovers every collection in it, and is ready for everything when it returns.</summary>
    /// <exception cref="CatalogCorruptException">The catalog is not what was written.</exception>
    /// <exception cref="KeyRingException">The key ring cannot be opened with the master keys that were given.</exception>
    /// <inheritdoc cref="ConceptEngine.Open" path="/exception"/>
    public static CollectionStore Open(IFileSystem files, CollectionStoreOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger? logger = null)
    {
        var root = Path.GetFullPath(options.Engine.DataPath);
        files.CreateFolder(root);
        var dataLock = files.Lock(Path.Combine(root, "lock"));
        try
        {
            return new CollectionStore(files, root, dataLock, options, time, telemetry, logger ?? NullLogger.Instance);
        }
        catch
        {
            dataLock.Dispose();
            throw;
        }
    }

    /// <param name="name">Of a collection, or an alias; empty for the default one.</param>
    /// <exception cref="CollectionNotFoundException">There is none.</exception>
    public ConceptEngine Get(string name) =>
        _engines.TryGetValue(_catalog.Resolve(name), out var engine) ? engine : throw new CollectionNotFoundException();

    /// <summary>What <see cref="Get"/> would give, described.</summary>
    /// <exception cref="CollectionNotFoundException">There is none.</exception>
    public CollectionInfo Describe(string name)
    {
        var catalog = _catalog;
        return catalog.Resolve(name) is var resolved && catalog.Exists(resolved) ? Describe(catalog, resolved) : throw new CollectionNotFoundException();
    }

    /// <summary>Sorted by name.</summary>
    public IReadOnlyList<CollectionInfo> List()
    {
        var catalog = _catalog;
        return [.. catalog.Collections.Select(entry => entry.Name).Append(Catalog.Default).Order(StringComparer.Ordinal).Select(name => Describe(catalog, name))];
    }

    /// <summary>Deletes, in each collection that says so, what was learned longer ago than its time to live.</summary>
    /// <returns>How many concepts that were.</returns>
    public async Task<long> ExpireAsync(CancellationToken cancellation = default)
    {
        var deleted = 0L;
        foreach (var entry in _catalog.Collections)
        {
            if (entry.Settings.TimeToLive is { } live && _engines.TryGetValue(entry.Name, out var engine))
            {
                deleted += await engine.ExpireAsync(_time.GetUtcNow() - live, cancellation).ConfigureAwait(false);
            }
        }

        return deleted;
    }

    public void Dispose()
    {
        lock (_changing)
        {
            if (!_disposed)
            {
                _disposed = true;
                Close();
                _lock.Dispose();
            }
        }
    }

    private CollectionInfo Describe(Catalog catalog, string name) => catalog.Find(name) is { } entry
        ? new CollectionInfo(name, entry.Id, entry.Settings, entry.CreatedAt, catalog.AliasesOf(name))
        : new CollectionInfo(name, Guid.Empty, _options.DefaultSettings, DateTimeOffset.UnixEpoch, catalog.AliasesOf(name));

    private void OpenAll()
    {
        _engines[Catalog.Default] = ConceptEngine.OpenUnlocked(_files, _options.Engine with { DataPath = _root, Seal = Seal(Catalog.Default), Merging = _merging }, _time, _telemetry, _logger);
        foreach (var entry in _catalog.Collections)
        {
            _engines[entry.Name] = Open(entry);
        }
    }

    private ConceptEngine Open(CatalogEntry entry)
    {
        var settings = entry.Settings;
        return ConceptEngine.OpenUnlocked(
            _files,
            _options.Engine with
            {
                DataPath = FolderOf(entry.Id),
                Seal = Seal(Named(entry.Id)),
                Merging = _merging,
                Model = settings.Model,
                Dimension = settings.Dimension,
                ManyModels = settings.ManyModels,
                Segments = _options.Engine.Segments with
                {
                    M = settings.M,
                    EfConstruction = settings.EfConstruction,
                    EfSearch = settings.EfSearch,
                    Language = settings.Language,
                },
            },
            _time,
            _telemetry,
            _logger);
    }

    // What a deletion or a creation that was cut off left.
    private void RemoveLeftovers()
    {
        foreach (var id in _catalog.Leaving)
        {
            Remove(id);
        }

        var folder = Path.Combine(_root, Folder);
        _files.CreateFolder(folder);
        var known = _catalog.Collections.Select(entry => Named(entry.Id)).ToHashSet(StringComparer.Ordinal);
        foreach (var name in _files.ListFolders(folder).Where(name => Guid.TryParseExact(name, "N", out _) && !known.Contains(name)))
        {
            _files.DeleteFolder(Path.Combine(folder, name));
        }
    }

    // Keys first: what files remain after a failure is noise.
    private void Remove(Guid id)
    {
        _ring?.DestroyCollection(Named(id));
        _files.DeleteFolder(FolderOf(id));
        _files.FlushFolder(Path.Combine(_root, Folder));
        Save(_catalog with { Leaving = [.. _catalog.Leaving.Where(other => other != id)] });
    }

    private CollectionSeal Seal(string collection) => _ring is null ? CollectionSeal.Off : new CollectionSeal(_ring, _options.Mode, collection);

    private string FolderOf(Guid id) => Path.Combine(_root, Folder, Named(id));

    private static string Named(Guid id) => id.ToString("N");

    private void Close()
    {
        foreach (var engine in _engines.Values)
        {
            engine.Dispose();
        }

        _engines.Clear();
        _ring?.Dispose();
        _merging.Dispose();
    }
}
