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
public sealed class CollectionStore : IDisposable
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

    /// <summary>There, durably, when it returns.</summary>
    /// <exception cref="InvalidConceptException">A name or settings that no collection can have.</exception>
    /// <exception cref="CollectionExistsException">The name is taken.</exception>
    /// <exception cref="CollectionConflictException">There are too many.</exception>
    public CollectionInfo Create(string name, CollectionSettings settings)
    {
        CollectionChecks.Name(name, "name");
        CollectionChecks.Settings(settings);
        return Change(() =>
        {
            RefuseIfTaken(name);
            if (_catalog.Collections.Count + 1 >= _options.MaxCollections)
            {
                throw new CollectionConflictException($"There are {_options.MaxCollections} collections, as many as Storage:MaxCollections allows.");
            }

            var entry = new CatalogEntry(name, Guid.NewGuid(), settings, _time.GetUtcNow());
            var engine = Open(entry);
            try
            {
                Save(_catalog with { Collections = [.. _catalog.Collections, entry] });
            }
            catch
            {
                engine.Dispose();
                throw;
            }

            _engines[name] = engine;
            return Describe(_catalog, name);
        });
    }

    /// <summary>Changes what may be changed of a collection's settings; its next searches and removals go by them.</summary>
    /// <exception cref="InvalidConceptException">Settings that no collection can have.</exception>
    /// <exception cref="CollectionNotFoundException">There is none.</exception>
    /// <exception cref="CollectionConflictException">It is the default one, which goes by the service's settings.</exception>
    public CollectionInfo Update(string name, int? efSearch, TimeSpan? timeToLive, bool staysForever) => Change(() =>
    {
        name = _catalog.Resolve(name);
        if (name == Catalog.Default)
        {
            throw new CollectionConflictException("The default collection goes by the settings of the service.");
        }

        var entry = _catalog.Find(name) ?? throw new CollectionNotFoundException();
        var settings = entry.Settings with
        {
            EfSearch = efSearch ?? entry.Settings.EfSearch,
            TimeToLive = staysForever ? null : timeToLive ?? entry.Settings.TimeToLive,
        };
        CollectionChecks.Settings(settings);
        Save(_catalog with { Collections = [.. _catalog.Collections.Select(other => other == entry ? entry with { Settings = settings } : other)] });
        _engines[name].EfSearch = settings.EfSearch;
        return Describe(_catalog, name);
    });

    /// <summary>Gone, durably, with all its concepts, keys and aliases, when it returns. Reads under way end well.</summary>
    /// <exception cref="CollectionNotFoundException">There is none. An alias is no collection here.</exception>
    /// <exception cref="CollectionConflictException">It is the default one.</exception>
    public void Delete(string name) => Change(() =>
    {
        if (name is Catalog.Default or "")
        {
            throw new CollectionConflictException("The default collection cannot be deleted.");
        }

        var entry = _catalog.Find(name) ?? throw new CollectionNotFoundException();
        Save(_catalog with
        {
            Collections = [.. _catalog.Collections.Where(other => other != entry)],
            Aliases = _catalog.Aliases.Where(pair => pair.Value != name).ToDictionary(),
            Leaving = [.. _catalog.Leaving, entry.Id],
        });
        _engines.TryRemove(name, out var engine);
        engine!.Dispose();
        Remove(entry.Id);
        return true;
    });

    /// <summary>Makes another name mean a collection, from whichever it meant before: at once, for calls that begin afterwards.</summary>
    /// <exception cref="InvalidConceptException">A name that no alias can have.</exception>
    /// <exception cref="CollectionNotFoundException">There is no such collection.</exception>
    /// <exception cref="CollectionExistsException">A collection has the alias as its name.</exception>
    public CollectionInfo SetAlias(string alias, string name)
    {
        CollectionChecks.Name(alias, "alias");
        return Change(() =>
        {
            name = _catalog.Resolve(name);
            if (!_catalog.Exists(name))
            {
                throw new CollectionNotFoundException();
            }

            if (_catalog.Exists(alias))
            {
                throw new CollectionExistsException();
            }

            Save(_catalog with { Aliases = new Dictionary<string, string>(_catalog.Aliases, StringComparer.Ordinal) { [alias] = name } });
            return Describe(_catalog, name);
        });
    }

    /// <exception cref="CollectionNotFoundException">There is no such alias.</exception>
    public void RemoveAlias(string alias) => Change(() =>
    {
        if (!_catalog.Aliases.ContainsKey(alias))
        {
            throw new CollectionNotFoundException();
        }

        Save(_catalog with { Aliases = _catalog.Aliases.Where(pair => pair.Key != alias).ToDictionary() });
        return true;
    });

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

    private T Change<T>(Func<T> change)
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _failure is { } failure ? throw new CollectionConflictException(failure) : change();
        }
    }

    // A failed save leaves what the disk has unknown: no further change until the next start.
    private void Save(Catalog catalog)
    {
        try
        {
            _catalogFile.Save(catalog);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _failure = $"The catalog of collections could not be written, and takes no changes until the next start: {e.Message}";
            throw;
        }

        _catalog = catalog;
    }

    private void RefuseIfTaken(string name)
    {
        if (_catalog.Exists(name) || _catalog.Aliases.ContainsKey(name))
        {
            throw new CollectionExistsException();
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
