using Microsoft.Extensions.Options;
using Sutra.ServiceDefaults.Startup;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Engine;

/// <summary>
/// Opens the engine before the service listens, so that whoever reaches it finds everything recovered, and closes it after the
/// last request has been answered.
/// </summary>
internal sealed partial class EngineLifetime(IServiceProvider services, ILogger<EngineLifetime> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var engine = services.GetRequiredService<ConceptEngine>();
        var recovery = engine.Recovery;
        if (recovery.CutBytes > 0)
        {
            Log.TornTail(logger, recovery.CutBytes);
        }

        var statistics = engine.Statistics;
        Log.Opened(logger, statistics.Concepts, statistics.Segments, recovery.Records, recovery.Bytes, recovery.CleanStop);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<ConceptEngine>().Dispose();
        Log.Closed(logger);
        return Task.CompletedTask;
    }

    /// <summary>The engine, or one line that says what is wrong with its data.</summary>
    public static ConceptEngine Open(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        try
        {
            return ConceptEngine.Open(
                services.GetRequiredService<IFileSystem>(),
                options.ToEngineOptions(),
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<StorageTelemetry>(),
                services.GetRequiredService<ILogger<ConceptEngine>>());
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
        [LoggerMessage(300, LogLevel.Information, "{Concepts} concepts: {Segments} segments, and {Records} records replayed from {Bytes} bytes of log (clean stop: {CleanStop})")]
        public static partial void Opened(ILogger logger, long concepts, int segments, long records, long bytes, bool cleanStop);

        [LoggerMessage(301, LogLevel.Warning, "The log ended in {CutBytes} bytes of an interrupted write, which were cut off; nothing in them had been acknowledged")]
        public static partial void TornTail(ILogger logger, long cutBytes);

        [LoggerMessage(302, LogLevel.Information, "Everything is written; the log is closed")]
        public static partial void Closed(ILogger logger);
    }
}
