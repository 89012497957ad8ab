using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
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
    private readonly CollectionStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDisposable _lock;
    private readonly CatalogFile _catalogFile;
    private readonly KeyRing? _ring;
    private readonly CollectionOpener _opener;
    private readonly Leftovers _leftovers;

    // By id, the default one's is zero, as long as it lies in the data folder itself: names come to mean other collections. One is here before the catalog names it, and goes after it.
    private readonly ConcurrentDictionary<Guid, ConceptEngine> _engines = new();

    // One change at a time, held over its flushes.
    private readonly Lock _changing = new();

    // One for the store, and one for each collection that is on its way out.
    private readonly CountdownEvent _using = new(1);
    private volatile Catalog _catalog;
    private volatile string? _failure;
    private bool _disposed;

    private CollectionStore(IFileSystem files, string root, IDisposable dataLock, CollectionStoreOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger logger)
    {
        _lock = dataLock;
        _options = options;
        _time = time;
        _logger = logger;
        _catalogFile = new CatalogFile(files, root);
        var folders = new CollectionFolders(files, root);
        var found = _catalogFile.Load();
        if (found is null && folders.List().Count > 0)
        {
            throw new CatalogCorruptException($"'{Path.Combine(root, CatalogFile.Name)}' is missing, and there are collections: restore it from a backup. Nothing was changed.");
        }

        _catalog = found ?? new Catalog();
        _ring = RingOpener.Open(files, root, options, _catalog.IsSealed, logger);
        _opener = new CollectionOpener(files, folders, options, _ring, time, telemetry, logger);
        _leftovers = new Leftovers(folders, _ring, logger);
        try
        {
            if (!options.Engine.Quiet)
            {
                Settle(isNew: found is null);
                folders.MakeParent();
                RemoveLeftovers();
            }

            Unknown = _leftovers.FindUnknown(_catalog);
            if (_catalog.Find(Catalog.Default) is null)
            {
                _engines[Guid.Empty] = _opener.OpenDefault();
            }

            foreach (var entry in _catalog.Collections)
            {
                _engines[entry.Id] = _opener.OpenKnown(entry);
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>The collection that is meant where none is named.</summary>
    public ConceptEngine Default => Get(Catalog.Default);

    /// <summary>Every collection's engine, by name, as of now.</summary>
    public IReadOnlyDictionary<string, ConceptEngine> Engines
    {
        get
        {
            var catalog = _catalog;
            var engines = new Dictionary<string, ConceptEngine>(StringComparer.Ordinal);
            foreach (var (name, id) in catalog.Collections.Select(entry => (entry.Name, entry.Id)).Prepend((Catalog.Default, Id(catalog, Catalog.Default))))
            {
                if (Find(id) is { } engine)
                {
                    engines[name] = engine;
                }
            }

            return engines;
        }
    }

    /// <summary>Why something takes no more writes; null while all do. Reads go on.</summary>
    public string? Failure => _failure ?? _ring?.Failure ?? _engines.Values.Select(engine => engine.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Folders that were there at start, of collections that the catalog does not know. They are left as they are.</summary>
    internal IReadOnlyList<Guid> Unknown { get; }

    /// <summary>Takes the data folder for itself, recovers every collection in it, and is ready for everything when it returns.</summary>
    /// <exception cref="CatalogCorruptException">The catalog is not what was written, or is missing, or a collection of it is.</exception>
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
    public ConceptEngine Get(string name)
    {
        var catalog = _catalog;
        var resolved = catalog.Resolve(name);
        return catalog.Exists(resolved) && Find(Id(catalog, resolved)) is { } engine
            ? engine

            // Another body has taken its place just now, perhaps.
            : !ReferenceEquals(catalog, _catalog) ? Get(name) : throw new CollectionNotFoundException();
    }

    /// <summary>What <see cref="Get"/> would give, described.</summary>
    /// <exception cref="CollectionNotFoundException">There is none.</exception>
    public CollectionInfo Describe(string name)
    {
        var catalog = _catalog;
        return catalog.Resolve(name) is var resolved && catalog.Exists(resolved) ? Describe(catalog, resolved) : throw new CollectionNotFoundException();
    }

    /// <summary>Sorted by name.</summary>
    /// <param name="replacements">Also those that are being made to take another's place.</param>
    public IReadOnlyList<CollectionInfo> List(bool replacements = false)
    {
        var catalog = _catalog;
        return [.. catalog.Collections.Where(entry => replacements || entry.Replacement is null).Select(entry => entry.Name).Append(Catalog.Default)
            .Distinct().Order(StringComparer.Ordinal).Select(name => Describe(catalog, name))];
    }

    public void Dispose()
    {
        lock (_changing)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        // What is being deleted is done with the folder when somebody else may take it.
        _using.Signal();
        _using.Wait();
        Close();
        _using.Dispose();
        _lock.Dispose();
    }

    /// <summary>Null: it is gone.</summary>
    internal ConceptEngine? Find(Guid id) => _engines.GetValueOrDefault(id);

    private CollectionInfo Describe(Catalog catalog, string name) => catalog.Find(name) is { } entry
        ? new CollectionInfo(name, entry.Id, entry.Settings, entry.CreatedAt, catalog.AliasesOf(name)) { Replacement = entry.Replacement }
        : new CollectionInfo(name, Guid.Empty, _options.DefaultSettings, DateTimeOffset.UnixEpoch, catalog.AliasesOf(name));

    // The default collection's first body has no entry, and lies in the data folder itself.
    private static Guid Id(Catalog catalog, string name) => catalog.Find(name)?.Id ?? Guid.Empty;

    private void Close()
    {
        foreach (var engine in _engines.Values)
        {
            engine.Dispose();
        }

        _engines.Clear();
        _opener.Dispose();
        _ring?.Dispose();
    }
}
