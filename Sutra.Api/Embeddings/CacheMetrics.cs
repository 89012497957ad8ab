using System.Diagnostics.Metrics;
using Sutra.Api.Telemetry;

namespace Sutra.Api.Embeddings;

/// <summary>Where an embedding came from.</summary>
internal enum CacheLevel
{
    /// <summary>Nowhere: the embedder made it.</summary>
    Miss,

    /// <summary>This process.</summary>
    Local,

    /// <summary>Redis.</summary>
    Shared,

    /// <summary>Another request that was just getting it.</summary>
    Joined,
}

/// <summary>Counts cache lookups: <c>embedding_cache_lookups</c> by level, and <c>cache_hit_ratio</c> since the start.</summary>
internal sealed class CacheMetrics
{
    private readonly Counter<long> _lookups;
    private long _total;
    private long _hits;

    public CacheMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ApiTelemetry.Name);
        _lookups = meter.CreateCounter<long>("embedding_cache_lookups", "{lookup}", "Embeddings looked up in the cache, by where they were found.");
        meter.CreateObservableGauge("cache_hit_ratio", () => HitRatio, "1", "Share of embeddings that the embedder did not have to make, since the start.");
    }

    public double HitRatio
    {
        get
        {
            var total = Interlocked.Read(ref _total);
            return total == 0 ? 0 : (double)Interlocked.Read(ref _hits) / total;
        }
    }

    public void Lookup(CacheLevel level)
    {
        Interlocked.Increment(ref _total);
        if (level != CacheLevel.Miss)
        {
            Interlocked.Increment(ref _hits);
        }

        _lookups.Add(1, new KeyValuePair<string, object?>("level", Name(level)));
    }

    private static string Name(CacheLevel level) => level switch
    {
        CacheLevel.Local => "local",
        CacheLevel.Shared => "shared",
        CacheLevel.Joined => "joined",
        _ => "miss",
    };
}
