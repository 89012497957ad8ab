using Npgsql;

namespace Sutra.Api.Idempotency;

/// <summary>Says at start where keys are kept, and removes old ones once a minute.</summary>
internal sealed partial class IdempotencyService(IIdempotencyStore store, TimeProvider time, ILogger<IdempotencyService> logger) : BackgroundService
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (store.IsShared)
        {
            Log.Shared(logger, store.Description);
        }
        else
        {
            Log.InMemory(logger, store.Description);
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await store.SweepAsync(stoppingToken);
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException)
                {
                    Log.NotSwept(logger, e.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2501, LogLevel.Information, "Idempotency keys: {Store}; a restart forgets them, and another instance does not know them")]
        public static partial void InMemory(ILogger logger, string store);

        [LoggerMessage(2502, LogLevel.Information, "Idempotency keys: {Store}")]
        public static partial void Shared(ILogger logger, string store);

        [LoggerMessage(2503, LogLevel.Warning, "Old idempotency keys could not be removed: {Error}")]
        public static partial void NotSwept(ILogger logger, string error);
    }
}
