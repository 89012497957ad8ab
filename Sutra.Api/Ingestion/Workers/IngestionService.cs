using Microsoft.Extensions.Options;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Schedules;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Ingestion.Webhooks;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Ingestion.Workers;

/// <summary>Runs all that ingestion does by itself: work, leases, schedules, webhooks, and removing what nobody needs any more.</summary>
internal sealed partial class IngestionService(
    IJobStore store,
    Spool spool,
    JobWorker worker,
    ScheduleRunner schedules,
    WebhookSender webhooks,
    IngestionTelemetry telemetry,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<IngestionService> logger) : BackgroundService
{
    private volatile bool _ready;

    /// <summary>Jobs can be read and written.</summary>
    public bool IsReady => _ready;

    /// <summary>Tries the store once before requests are let in; one that cannot be used stops the start, one that is away does not.</summary>
    /// <exception cref="StartupException">The journal, or the folder of uploads, cannot be used.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        spool.Open();
        await TryOpenAsync(cancellationToken);
        Log.Opened(logger, store.Description, spool.Folder);
        if (spool.IsTemporary)
        {
            Log.Temporary(logger, spool.Folder);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!_ready)
            {
                await Task.Delay(options.Value.PollEvery, time, stoppingToken);
                await TryOpenAsync(stoppingToken);
            }

            await Task.WhenAll(
                worker.RunAsync(stoppingToken),
                EveryAsync(options.Value.Lease / 3, worker.RenewAsync, stoppingToken),
                EveryAsync(options.Value.PollEvery, CountAsync, stoppingToken),
                EveryAsync(options.Value.PollEvery, schedules.RunDueAsync, stoppingToken),
                EveryAsync(options.Value.PollEvery, webhooks.SendDueAsync, stoppingToken),
                EveryAsync(TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(10).Ticks, options.Value.KeepDeadLetters.Ticks)), TidyAsync, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task TryOpenAsync(CancellationToken cancellation)
    {
        try
        {
            await store.OpenAsync(cancellation);
            _ready = true;
        }
        catch (Exception e) when (store.IsAway(e))
        {
            Log.Away(logger, store.Description, e.GetType().Name);
        }
    }

    private async Task CountAsync(CancellationToken cancellation) => telemetry.Backlog(await store.BacklogAsync(cancellation));

    private async Task TidyAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var job in await store.UploadsToRemoveAsync(spool.Id, now - options.Value.KeepDeadLetters, cancellation))
        {
            // On record first: somebody may be trying its dead letters again just now, and a file without its job goes with the others.
            if (await store.ChangeAsync(job.Id, ended => ended.IsOpen ? null : JobRules.UploadRemoved(ended), deadAgain: false, now, cancellation) is { Done: true })
            {
                spool.Remove(job.Id);
            }
        }

        foreach (var id in await store.ExpiredAsync(now - options.Value.KeepJobs, cancellation))
        {
            await store.DeleteAsync(id, cancellation);
        }

        var removed = await spool.RemoveLeftBehindAsync(async id => await store.FindAsync(id, cancellation) is { UploadRemoved: false });
        if (removed > 0)
        {
            Log.LeftBehind(logger, removed);
        }
    }

    private async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await work(stopping);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                // One round failed; the next one may not. Its message may hold what somebody sent.
                Log.Failed(logger, e.GetType().Name, store.IsAway(e) ? null : e.StackTrace);
            }

            await Task.Delay(interval, time, stopping);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2211, LogLevel.Information, "Jobs: {Store}; uploads in {Folder}")]
        public static partial void Opened(ILogger logger, string store, string folder);

        [LoggerMessage(2212, LogLevel.Warning, "Jobs cannot be read yet ({Store}): {Error}")]
        public static partial void Away(ILogger logger, string store, string error);

        [LoggerMessage(2213, LogLevel.Warning, "Uploads lie in a temporary folder, {Folder}: set Ingestion:SpoolPath to keep them over a restart of the machine")]
        public static partial void Temporary(ILogger logger, string folder);

        [LoggerMessage(2214, LogLevel.Information, "{Count} uploads without a job were removed")]
        public static partial void LeftBehind(ILogger logger, int count);

        [LoggerMessage(2215, LogLevel.Warning, "A round of ingestion's housekeeping failed: {Error}\n{Stack}")]
        public static partial void Failed(ILogger logger, string error, string? stack);
    }
}
