using System.ComponentModel.DataAnnotations;

namespace Sutra.Embedder.Caching;

/// <summary>When Redis is asked.</summary>
public enum SharedUse
{
    /// <summary>Where its answer is expected sooner than the model's.</summary>
    Auto,

    Always,

    Never,
}

/// <summary>Configuration section <c>Embedder:Cache</c>. Redis itself is <c>ConnectionStrings:cache</c>.</summary>
public sealed class CacheOptions
{
    public const string Section = "Embedder:Cache";

    /// <summary>Bytes of vectors kept in this process; default 64 MiB; zero switches the level off.</summary>
    [Range(0, 1L << 36, ErrorMessage = "Embedder:Cache:MemoryBytes must be 0 (off) to 64 GiB.")]
    public long MemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>When Redis is asked; default: where it is expected to be faster than the model.</summary>
    [EnumDataType(typeof(SharedUse), ErrorMessage = "Embedder:Cache:Shared must be auto, always or never.")]
    public SharedUse Shared { get; set; }

    /// <summary>How long Redis keeps a vector; default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "90.00:00:00", ErrorMessage = "Embedder:Cache:KeepFor must be 1 s to 90 days.")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long Redis may take for up to 256 vectors before it counts as away; default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05", ErrorMessage = "Embedder:Cache:RedisTimeout must be 5 ms to 5 s.")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often Redis is looked after, whether it is there or away; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00", ErrorMessage = "Embedder:Cache:RedisRetryEvery must be 50 ms to 1 minute.")]
    public TimeSpan RedisRetryEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Secret that names and seals what lies in Redis, the same for all who share it; default: derived from <c>Identity:Key</c>.</summary>
    [MinLength(32, ErrorMessage = "Embedder:Cache:HashKey is too short: it needs at least 32 characters.")]
    public string? HashKey { get; set; }
}
