namespace Sutra.Storage.Collections;

/// <summary>Removes concepts at the end of their collection's time to live: at start, and every minute.</summary>
internal sealed partial class Expiry(CollectionStore store, TimeProvider time, ILogger<Expiry> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            try
            {
                if (await store.ExpireAsync(stoppingToken).ConfigureAwait(false) is > 0 and var deleted)
                {
                    Log.Expired(logger, deleted);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, it must not end the service.
                Log.Failed(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private static partial class Log
    {
        [LoggerMessage(308, LogLevel.Information, "{Concepts} concepts came to the end of their time and were removed")]
        public static partial void Expired(ILogger logger, long concepts);

        [LoggerMessage(309, LogLevel.Warning, "Concepts at the end of their time could not be removed; tried again in a minute")]
        public static partial void Failed(ILogger logger, Exception cause);
    }
}
