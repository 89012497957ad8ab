using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Idempotency;

/// <summary>Configuration section <c>Idempotency</c>. Keys are kept in PostgreSQL when <c>ConnectionStrings:audit</c> is there, else in memory: a restart forgets them.</summary>
public sealed class IdempotencyOptions
{
    public const string Section = "Idempotency";

    /// <summary>How long a key means the same request; default 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Largest answer that is kept; a request with a larger one is done again when it comes again. Default 16 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int MaxAnswerBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Most bytes of answers kept, over all callers; the oldest go. Default 64 MiB.</summary>
    [Range(1024, 1L << 40)]
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most keys kept, over all callers; the oldest go. Default 100,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxKeys { get; set; } = 100_000;

    /// <summary>How long a key in PostgreSQL stays taken by an instance that is heard of no more; default 30 s. Whoever works renews it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.300", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);
}
