using System.ComponentModel.DataAnnotations;
using Sutra.Storage.Engine;
using Sutra.Storage.Log;

namespace Sutra.Storage;

/// <summary>Configuration section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Folder of everything that is kept; made when it is missing. One process at a time may have it. No default.</summary>
    [Required(ErrorMessage = "Storage:DataPath is empty: it must name the folder that concepts are kept in.")]
    public string DataPath { get; set; } = "";

    /// <summary>Size in bytes at which the log goes on in a new file; default 64 MiB. May be changed at any start.</summary>
    [Range(64L * 1024, 1L << 30, ErrorMessage = "Storage:SegmentBytes must be 64 KiB to 1 GiB.")]
    public long SegmentBytes { get; set; } = LogOptions.DefaultSegmentBytes;

    /// <summary>Most bytes that are written and flushed as one group; default 4 MiB.</summary>
    [Range(4 * 1024, 64 * 1024 * 1024, ErrorMessage = "Storage:MaxBatchBytes must be 4 KiB to 64 MiB.")]
    public int MaxBatchBytes { get; set; } = LogOptions.DefaultMaxBatchBytes;

    /// <summary>Changes that may wait for the disk; callers with more wait themselves; default 1024.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Storage:QueueLength must be 1 to 1000000.")]
    public int QueueLength { get; set; } = LogOptions.DefaultQueueLength;

    internal EngineOptions ToEngineOptions() => new()
    {
        DataPath = DataPath,
        Log = new LogOptions { SegmentBytes = SegmentBytes, MaxBatchBytes = MaxBatchBytes, QueueLength = QueueLength },
    };
}
