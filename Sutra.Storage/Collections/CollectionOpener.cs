using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Collections;

/// <summary>Opens each collection's engine: its folder, its settings, its keys, and what all of a data folder share.</summary>
/// <param name="ring">Null when nothing is sealed; whoever made it disposes it.</param>
internal sealed class CollectionOpener(
    IFileSystem files, CollectionFolders folders, CollectionStoreOptions options, KeyRing? ring, TimeProvider time, StorageTelemetry telemetry, ILogger logger) : IDisposable
{
    // Of all collections one merges at a time.
    private readonly SemaphoreSlim _merging = new(1);

    /// <summary>The default collection lies in the data folder itself.</summary>
    public ConceptEngine OpenDefault() => Open(options.Engine with { Seal = Seal(CollectionFolders.Named(Guid.Empty)), Merging = _merging });

    /// <summary>One that was made before.</summary>
    /// <exception cref="CatalogCorruptException">It has no folder.</exception>
    public ConceptEngine OpenKnown(CatalogEntry entry) => folders.List().Contains(entry.Id)
        ? Make(entry)
        : throw new CatalogCorruptException($"'{folders.Of(entry.Id)}', the folder of a collection that the catalog names, is missing: restore it from a backup.");

    /// <summary>An empty one in a folder of its own, when there is none yet.</summary>
    public ConceptEngine Make(CatalogEntry entry)
    {
        var settings = entry.Settings;
        return Open(options.Engine with
        {
            DataPath = folders.Of(entry.Id),
            Seal = Seal(CollectionFolders.Named(entry.Id)),
            Merging = _merging,
            Model = settings.Model,
            Dimension = settings.Dimension,
            ManyModels = settings.ManyModels,
            Segments = options.Engine.Segments with
            {
                M = settings.M,
                EfConstruction = settings.EfConstruction,
                EfSearch = settings.EfSearch,
                Language = settings.Language,
            },
        });
    }

    public void Dispose() => _merging.Dispose();

    private ConceptEngine Open(EngineOptions engine) => ConceptEngine.OpenUnlocked(files, engine, time, telemetry, logger);

    private CollectionSeal Seal(string collection) => ring is null ? CollectionSeal.Off : new CollectionSeal(ring, options.Mode, collection);
}
