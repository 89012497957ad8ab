namespace Sutra.Gateway.Keys;

/// <summary>
/// Looks at the key file once a second, so that a key that is added or revoked counts without a restart. Looking works on
/// every kind of volume; change notifications do not.
/// </summary>
internal sealed partial class ApiKeyReload(ApiKeyStore keys, TimeProvider time, ILogger<ApiKeyReload> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (keys.ReloadIfChanged())
                {
                    Log.Reloaded(logger, keys.Count);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                Log.NotReloaded(logger, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "The API keys were read again: {Count} in force")]
        public static partial void Reloaded(ILogger logger, int count);

        [LoggerMessage(4002, LogLevel.Error, "The API keys were not read again, those in force stay: {Reason}")]
        public static partial void NotReloaded(ILogger logger, string reason);
    }
}
