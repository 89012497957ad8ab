using Microsoft.Extensions.DependencyInjection.Extensions;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Collections;

/// <summary>Checks a data folder that no service has open, under the settings that the service would have.</summary>
public static class OfflineVerification
{
    /// <summary>Opens every collection as a start does, and compares all that is stored with itself.</summary>
    /// <param name="configuration">With the section <c>Storage</c>.</param>
    /// <param name="dataPath">Takes the place of <c>Storage:DataPath</c>; must be there.</param>
    /// <returns>A report a collection, by name.</returns>
    /// <exception cref="ServiceDefaults.Startup.StartupException">It cannot be opened: one line that says why.</exception>
    public static IReadOnlyDictionary<string, VerificationReport> Run(IConfiguration configuration, string dataPath, CancellationToken cancellation)
    {
        if (!Directory.Exists(dataPath))
        {
            throw new ServiceDefaults.Startup.StartupException($"There is no data in '{dataPath}'.");
        }

        var services = new ServiceCollection().AddLogging().AddSingleton(configuration).AddStorageEncryption();
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).PostConfigure(options => options.DataPath = dataPath);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IFileSystem, DiskFileSystem>();
        services.AddSingleton(_ => new StorageTelemetry());
        using var provider = services.BuildServiceProvider();
        using var store = StoreLifetime.Open(provider);
        return store.Engines.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.Value.Verify(cancellation));
    }
}
