namespace Sutra.Storage.Log;

/// <summary>How a log is written. None of it is part of the format: a log opens under other options.</summary>
public sealed record LogOptions
{
    public const long DefaultSegmentBytes = 64L * 1024 * 1024;
    public const int DefaultMaxBatchBytes = 4 * 1024 * 1024;
    public const int DefaultQueueLength = 1024;

    /// <summary>A segment takes no further group beyond this size. A single larger group still goes into one segment.</summary>
    public long SegmentBytes { get; init; } = DefaultSegmentBytes;

    /// <summary>A group takes no further record beyond this size; those that were enqueued together it takes together.</summary>
    public int MaxBatchBytes { get; init; } = DefaultMaxBatchBytes;

    /// <summary>Records that may wait for the writer; a writer of one more waits itself.</summary>
    public int QueueLength { get; init; } = DefaultQueueLength;
}
