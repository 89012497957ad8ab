using Microsoft.Extensions.Options;
using Sutra.ServiceDefaults.Startup;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Collections;

/// <summary>
/// Opens the collections before the service listens, so that whoever reaches it finds everything recovered, and closes them after the
/// last request has been answered.
/// </summary>
internal sealed partial class StoreLifetime(IServiceProvider services, ILogger<StoreLifetime> logger) : IHostedLifecycleService
{
    // Kept: who stops a host twice has no services the second time.
    private CollectionStore? _store;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _store = services.GetRequiredService<CollectionStore>();
        foreach (var (name, engine) in _store.Engines)
        {
            var recovery = engine.Recovery;
            if (recovery.CutBytes > 0)
            {
                Log.TornTail(logger, name, recovery.CutBytes);
            }

            var statistics = engine.Statistics;
            Log.Opened(logger, name, statistics.Concepts, statistics.Segments, recovery.Records, recovery.Bytes, recovery.CleanStop);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _store?.Dispose();
        Log.Closed(logger);
        return Task.CompletedTask;
    }

    /// <summary>The collections, or one line that says what is wrong with their data.</summary>
    public static CollectionStore Open(IServiceProvider services) => OpenWith(services, quiet: false);

    /// <summary>As <see cref="Open"/>, to look only: see <see cref="Engine.EngineOptions.Quiet"/>.</summary>
    public static CollectionStore OpenQuiet(IServiceProvider services) => OpenWith(services, quiet: true);

    private static CollectionStore OpenWith(IServiceProvider services, bool quiet)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        var encryption = services.GetRequiredService<IOptions<EncryptionOptions>>().Value;
        try
        {
            return CollectionStore.Open(
                services.GetRequiredService<IFileSystem>(),
                new CollectionStoreOptions
                {
                    Engine = options.ToEngineOptions() with { Quiet = quiet },
                    MaxCollections = options.MaxCollections,
                    Mode = encryption.Mode,
                    MasterKeys = () => encryption.OpenMasterKeys(services.GetService<IKeyService>()),
                },
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<StorageTelemetry>(),
                services.GetRequiredService<ILogger<CollectionStore>>());
        }
        catch (KeyRingException e)
        {
            throw new StartupException($"The keys of the stored concepts cannot be opened. {e.Message}", e);
        }
        catch (CatalogCorruptException e)
        {
            throw new StartupException($"The collections cannot be opened. {e.Message}", e);
        }
        catch (LogCorruptException e)
        {
            throw new StartupException($"The log of concepts cannot be opened. {e.Message}", e);
        }
        catch (SegmentCorruptException e)
        {
            throw new StartupException($"The stored concepts cannot be opened. {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartupException($"Storage:DataPath '{options.DataPath}' cannot be used: {e.Message}", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Collection {Collection}: {Concepts} concepts, {Segments} segments, and {Records} records replayed from {Bytes} bytes of log (clean stop: {CleanStop})")]
        public static partial void Opened(ILogger logger, string collection, long concepts, int segments, long records, long bytes, bool cleanStop);

        [LoggerMessage(301, LogLevel.Warning, "The log of collection {Collection} ended in {CutBytes} bytes of an interrupted write, which were cut off; nothing in them had been acknowledged")]
        public static partial void TornTail(ILogger logger, string collection, long cutBytes);

        [LoggerMessage(302, LogLevel.Information, "Everything is written; the logs are closed")]
        public static partial void Closed(ILogger logger);
    }
}
