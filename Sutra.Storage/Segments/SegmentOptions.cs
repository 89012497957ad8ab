using Sutra.Storage.Hnsw;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Storage.Segments;

/// <summary>When concepts move from memory into segments, when segments become one, and how their graphs are made. None of it is part of a format.</summary>
public sealed record SegmentOptions
{
    /// <summary>Concepts learned since the last checkpoint that make the next one due. Searches scan them. Default 4,096.</summary>
    public int MemoryRows { get; init; } = 4_096;

    /// <summary>Bytes of log since then that make it due. Default 64 MiB.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    /// <summary>So many segments that searches scan become one that they walk through. Default 2.</summary>
    public int FlatSegments { get; init; } = 2;

    /// <summary>Fewer vectors than this are scanned, in a merged segment too. Default 4,096.</summary>
    public int LinkRows { get; init; } = 4_096;

    /// <summary>After so long without a write, segments become one although they are few. Default 2 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Threads that link a graph while somebody writes; all processors otherwise. Default half of them, at least 1.</summary>
    public int BuildThreads { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Links of a vector; default 16.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates its links are chosen from; default 200.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Candidates that a search keeps in each graph; default 96, at which recall@10 is above 0.99 (docs/vector-index.md).</summary>
    public int EfSearch { get; init; } = 96;

    /// <summary>Whose word endings are removed from contents and questions before they are compared. Fixed once there are segments. Default English.</summary>
    public TextLanguage Language { get; init; } = TextLanguage.English;

    /// <summary>Rows of a merge, at most; what memory allows when null.</summary>
    internal long? MostMergedRows { get; init; }

    internal HnswOptions Graph(int dimension) => new() { Dimension = dimension, M = M, EfConstruction = EfConstruction };
}
