using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Embeddings;

/// <summary>Configuration section <c>Embeddings</c>.</summary>
public sealed class EmbeddingOptions
{
    public const string Section = "Embeddings";

    /// <summary>How long the embedder may take for one text; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of vectors kept in this process; default 64 MiB; zero switches the level off.</summary>
    [Range(0, 1L << 34)]
    public long MemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long Redis keeps a vector; default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "90.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long Redis may take before it counts as away; default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:05")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a Redis that is away is tried again; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan RedisRetryEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it may take to notice that the embedder serves another model; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ModelCheckEvery { get; set; } = TimeSpan.FromSeconds(5);
}
