using System.ComponentModel.DataAnnotations;
using Sutra.Storage.Engine;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage;

/// <summary>Configuration section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    private static readonly SegmentOptions s_segments = new();

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

    /// <summary>Concepts learned since the last checkpoint that make the next one due; searches scan them. Default 4,096.</summary>
    [Range(16, 1_000_000, ErrorMessage = "Storage:MemoryRows must be 16 to 1000000.")]
    public int MemoryRows { get; set; } = s_segments.MemoryRows;

    /// <summary>Bytes of log since the last checkpoint that make the next one due; default 64 MiB.</summary>
    [Range(64L * 1024, 1L << 28, ErrorMessage = "Storage:MemoryBytes must be 64 KiB to 256 MiB.")]
    public long MemoryBytes { get; set; } = s_segments.MemoryBytes;

    /// <summary>Segments without a graph that become one with a graph; default 2.</summary>
    [Range(2, 64, ErrorMessage = "Storage:FlatSegments must be 2 to 64.")]
    public int FlatSegments { get; set; } = s_segments.FlatSegments;

    /// <summary>Links of a vector in its graph; default 16. Segments made before a change keep theirs.</summary>
    [Range(4, 64, ErrorMessage = "Storage:M must be 4 to 64.")]
    public int M { get; set; } = s_segments.M;

    /// <summary>Candidates that a vector's links are chosen from; default 200.</summary>
    [Range(1, 10_000, ErrorMessage = "Storage:EfConstruction must be 1 to 10000.")]
    public int EfConstruction { get; set; } = s_segments.EfConstruction;

    /// <summary>Candidates that a search keeps in each graph: more find more and take longer; default 96.</summary>
    [Range(1, 10_000, ErrorMessage = "Storage:EfSearch must be 1 to 10000.")]
    public int EfSearch { get; set; } = s_segments.EfSearch;

    /// <summary>Threads that build a graph while somebody writes; default half of the processors, at least 1. At rest it is all of them.</summary>
    [Range(1, 256, ErrorMessage = "Storage:BuildThreads must be 1 to 256.")]
    public int BuildThreads { get; set; } = s_segments.BuildThreads;

    /// <summary>Whose word endings are removed from contents and questions before words are compared; None keeps words whole. Default English. Fixed once there are segments.</summary>
    [EnumDataType(typeof(TextLanguage), ErrorMessage = "Storage:Language must be None, English, German, French, Spanish, Italian, Portuguese or Dutch.")]
    public TextLanguage Language { get; set; } = s_segments.Language;

    /// <summary>The default collection included; default 100.</summary>
    [Range(1, 10_000, ErrorMessage = "Storage:MaxCollections must be 1 to 10000.")]
    public int MaxCollections { get; set; } = 100;

    internal EngineOptions ToEngineOptions() => new()
    {
        DataPath = DataPath,
        Log = new LogOptions { SegmentBytes = SegmentBytes, MaxBatchBytes = MaxBatchBytes, QueueLength = QueueLength },
        Segments = s_segments with
        {
            MemoryRows = MemoryRows,
            MemoryBytes = MemoryBytes,
            FlatSegments = FlatSegments,
            M = M,
            EfConstruction = EfConstruction,
            EfSearch = EfSearch,
            BuildThreads = BuildThreads,
            Language = Language,
        },
    };
}
