namespace Sutra.Api.Ingestion.Workers;

internal static class Backoff
{
    // 2^20 times the first wait is longer than any maximum.
    private const int MostDoublings = 20;

    /// <summary>The wait after that many attempts: doubled each time, at most <paramref name="most"/>, less up to half of it by chance.</summary>
    public static TimeSpan Of(TimeSpan first, int attempts, TimeSpan most)
    {
        var full = Math.Min(first.TotalMilliseconds * (1 << Math.Clamp(attempts - 1, 0, MostDoublings)), most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (1 - (Random.Shared.NextDouble() / 2)));
    }
}
