using System.ComponentModel.DataAnnotations;

namespace Sutra.Api.Learning;

/// <summary>Configuration section <c>Learning</c>: batches over HTTP.</summary>
public sealed class LearningOptions
{
    public const string Section = "Learning";

    /// <summary>Largest body of <c>POST /api/learn/batch</c> in bytes; default 64 MiB. It is read as it comes, never held as a whole.</summary>
    [Range(1024, 1L << 40)]
    public long MaxBatchBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most items of it; default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxBatchItems { get; set; } = 100_000;

    /// <summary>Items that are learned together; default 256.</summary>
    [Range(1, 1024)]
    public int GroupItems { get; set; } = 256;

    /// <summary>Bytes of JSON that are learned together, unless they are one item's; default 2 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int GroupBytes { get; set; } = 2 * 1024 * 1024;
}
