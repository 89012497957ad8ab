namespace Sutra.Tests.ServiceDefaults;

/// <summary>A clock that stands until it is moved; timers are real.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _now = DateTimeOffset.UnixEpoch.AddYears(50).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _now), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);
}
