namespace Aspire.Hosting.Orchestration;

/// <summary>How long to wait before a crashed process is started again: twice as long each time, ±20 %, from the start when it ran well.</summary>
/// <param name="FirstDelay">Pause before the first restart.</param>
/// <param name="LongestDelay">No pause is longer.</param>
/// <param name="WellAfter">A process that ran this long did not fail to start: its next crash counts as the first.</param>
/// <param name="Seed">Of the jitter; null: another one each run.</param>
internal sealed record RestartPolicy(TimeSpan FirstDelay, TimeSpan LongestDelay, TimeSpan WellAfter, int? Seed)
{
    private readonly Random _random = Seed is { } seed ? new Random(seed) : new Random();

    public TimeSpan DelayBefore(int attempt)
    {
        var nominal = Math.Min(FirstDelay.TotalMilliseconds * Math.Pow(2, attempt - 1), LongestDelay.TotalMilliseconds);
        lock (_random)
        {
            return TimeSpan.FromMilliseconds(nominal * (0.8 + (0.4 * _random.NextDouble())));
        }
    }
}

/// <param name="Grace">From the request to end to the kill.</param>
internal sealed record StopPolicy(TimeSpan Grace);
