using System.Globalization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Collections;

/// <summary>What an offline check found.</summary>
/// <param name="Collections">By name.</param>
/// <param name="Notes">One line each on what is no fault: what the next start is going to do, or leave.</param>
public sealed record OfflineReport(IReadOnlyDictionary<string, VerificationReport> Collections, IReadOnlyList<string> Notes);

/// <summary>Checks a data folder that no service has open, under the settings that the service would have, and changes nothing in it.</summary>
public static class OfflineVerification
{
    /// <summary>Opens every collection as a start does, but what a start would change only in memory, and compares all that is stored with itself.</summary>
    /// <param name="configuration">With the section <c>Storage</c>.</param>
    /// <param name="dataPath">Takes the place of <c>Storage:DataPath</c>; must be there.</param>
    /// <exception cref="ServiceDefaults.Startup.StartupException">It cannot be opened: one line that says why.</exception>
    public static OfflineReport Run(IConfiguration configuration, string dataPath, CancellationToken cancellation)
    {
        if (!new[] { "log", "segments", CatalogFile.Name }.Any(name => Path.Exists(Path.Combine(dataPath, name))))
        {
            throw new ServiceDefaults.Startup.StartupException($"There is no data in '{dataPath}'.");
        }

        var services = new ServiceCollection().AddLogging().AddSingleton(configuration).AddStorageEncryption();
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).PostConfigure(options => options.DataPath = dataPath);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IFileSystem>(_ => new OverlayFileSystem(new DiskFileSystem()));
        services.AddSingleton(_ => new StorageTelemetry());
        using var provider = services.BuildServiceProvider();
        using var store = StoreLifetime.OpenQuiet(provider);
        return Report(store, cancellation);
    }

    internal static OfflineReport Report(CollectionStore store, CancellationToken cancellation)
    {
        var engines = store.Engines.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        var torn = engines.Where(pair => pair.Value.Recovery.CutBytes > 0)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}: the log ends in {pair.Value.Recovery.CutBytes} bytes of an interrupted write, which nobody was told is there; the next start cuts them off"));
        var unknown = store.Unknown.Select(id => $"collections/{CollectionFolders.Named(id)} is of a collection that the catalog does not know; it was not read");
        return new OfflineReport(engines.ToDictionary(pair => pair.Key, pair => pair.Value.Verify(cancellation)), [.. torn, .. unknown]);
    }
}
