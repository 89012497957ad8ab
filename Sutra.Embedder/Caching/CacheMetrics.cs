using System.Diagnostics.Metrics;
using Sutra.Embedder.Telemetry;

namespace Sutra.Embedder.Caching;

/// <summary>Where an embedding came from.</summary>
internal enum CacheLevel
{
    /// <summary>Nowhere: the model made it.</summary>
    Miss,

    /// <summary>This process.</summary>
    Local,

    /// <summary>Redis.</summary>
    Shared,

    /// <summary>A call, this one or another, that was just getting it.</summary>
    Joined,
}

/// <summary>What the cache measures, in the embedder's meter.</summary>
internal sealed class CacheMetrics
{
    private static readonly KeyValuePair<string, object?>[] s_tags =
        [new("level", "miss"), new("level", "local"), new("level", "shared"), new("level", "joined")];

    private readonly Counter<long> _lookups;
    private readonly Counter<long> _dropped;
    private long _total;
    private long _hits;
    private Func<long> _bytes = () => 0;

    public CacheMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(EmbedderTelemetry.MeterName);
        _lookups = meter.CreateCounter<long>("embedding_cache_lookups_total", description: "Texts looked up in the cache, by where their embeddings were found.");
        _dropped = meter.CreateCounter<long>("embedding_cache_dropped_writes_total", description: "Embeddings that Redis was not given because it was too slow.");
        meter.CreateObservableGauge("cache_hit_ratio", () => HitRatio, description: "Share of the looked-up texts that no model had to embed, since the start.");
        meter.CreateObservableGauge("embedding_cache_bytes", () => _bytes(), "By", "Held in this process.");
    }

    public double HitRatio
    {
        get
        {
            var total = Interlocked.Read(ref _total);
            return total == 0 ? 0 : (double)Interlocked.Read(ref _hits) / total;
        }
    }

    public void Watch(VectorLru local) => _bytes = () => local.Bytes;

    public void Lookups(CacheLevel level, int texts)
    {
        if (texts == 0)
        {
            return;
        }

        Interlocked.Add(ref _total, texts);
        if (level != CacheLevel.Miss)
        {
            Interlocked.Add(ref _hits, texts);
        }

        _lookups.Add(texts, s_tags[(int)level]);
    }

    public void Dropped(int writes) => _dropped.Add(writes);
}
