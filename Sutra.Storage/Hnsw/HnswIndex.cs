using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// A vector index in memory that can be searched while it grows: hierarchical navigable small world graph, Malkov and Yashunin
/// 2018 (arXiv 1603.09320). Vectors are numbered in the order they come; the number, the slot, stays.
/// </summary>
/// <remarks>
/// Any number of threads may add, delete and search at once. Searches take no locks; a vector is found from the moment its
/// <see cref="Add"/> has returned. <see cref="Dispose"/> and <see cref="Repair"/> want the index to themselves.
/// Per vector of d dimensions: 4·d bytes for itself, d + 4 for its codes, 8·M for its links and as much for what the links are worth while
/// the index grows, and some 20 more.
/// </remarks>
internal sealed unsafe partial class HnswIndex : IDisposable
{
    private readonly Lock _growth = new();
    private readonly Lock _entryLock = new();
    private readonly HnswOptions _options;
    private readonly RowStore _levels = new(sizeof(byte));
    private readonly RowStore _links;
    private readonly RowStore _worths;
    private readonly RowStore _upperRow = new(sizeof(uint));
    private readonly RowStore _upperLinks;
    private readonly RowStore _upperWorths;
    private readonly RowStore _twins = new(sizeof(uint));
    private readonly RowStore _vectors;
    private readonly RowStore _codes;
    private readonly RowStore _scales = new(sizeof(float));
    private readonly ScratchPool _scratches;
    private readonly GraphView _rows;

    // The entry's slot and, above it, its level: they change together.
    private ulong _entry = GraphView.None;
    private uint _count;
    private uint _upperCount;

    /// <exception cref="ArgumentOutOfRangeException">Options outside their ranges.</exception>
    public HnswIndex(HnswOptions options)
    {
        options.Validate();
        _options = options;
        _links = new RowStore(GraphView.LinkStride(options.M));
        _worths = new RowStore(GraphView.LinkStride(options.M));
        _upperLinks = new RowStore(GraphView.UpperStride(options.M), firstChunk: 7);
        _upperWorths = new RowStore(GraphView.UpperStride(options.M), firstChunk: 7);
        _vectors = new RowStore(GraphView.VectorStride(options.Dimension));
        _codes = new RowStore(GraphView.CodeStride(options.Dimension));
        _scratches = new ScratchPool(options.Dimension);
        _rows = new GraphView
        {
            Dimension = options.Dimension,
            M = options.M,
            Count = 0,
            Capacity = 0,
            Entry = GraphView.None,
            TopLevel = 0,
            Levels = _levels.View,
            Links = _links.View,
            UpperRow = _upperRow.View,
            UpperLinks = _upperLinks.View,
            Twins = _twins.View,
            Vectors = _vectors.View,
            Codes = options.Codes ? _codes.View : default,
            Scales = options.Codes ? _scales.View : default,
        };
    }

    public HnswOptions Options => _options;

    /// <summary>Vectors ever added, those deleted included.</summary>
    public uint Count => Volatile.Read(ref _count);

    /// <summary>The graph as it is now; good until <see cref="Dispose"/>.</summary>
    public GraphView View
    {
        get
        {
            var entry = Volatile.Read(ref _entry);
            return _rows with { Entry = (uint)entry, TopLevel = (int)(entry >> 32), Count = Count, Capacity = _links.Capacity };
        }
    }

    /// <summary>Bytes in use by part, without the slack of chunks that are not full.</summary>
    public HnswMemory Memory
    {
        get
        {
            lock (_growth)
            {
                return new HnswMemory(
                    Links: (long)_count * (_links.View.Stride + 2 * sizeof(uint) + sizeof(byte)) + (long)_upperCount * _upperLinks.View.Stride,
                    Worths: (long)_count * _worths.View.Stride + (long)_upperCount * _upperWorths.View.Stride,
                    Codes: _options.Codes ? (long)_count * (_codes.View.Stride + sizeof(float)) : 0,
                    Vectors: (long)_count * _vectors.View.Stride);
            }
        }
    }

    /// <summary>Frees everything. No search may be running, and none may begin.</summary>
    public void Dispose()
    {
        foreach (var store in (RowStore[])[_levels, _links, _worths, _upperRow, _upperLinks, _upperWorths, _twins, _vectors, _codes, _scales])
        {
            store.Dispose();
        }

        _scratches.Dispose();
    }

    // Takes the next slot and lays out its rows, all but its vector. Whole rows go to files: what the memory held before must not.
    private uint Reserve(out int level)
    {
        lock (_growth)
        {
            var slot = _count;
            if (slot > int.MaxValue - 1)
            {
                ThrowFull();
            }

            level = LevelDraw.Of(slot, _options.Seed, _options.M);
            _levels.EnsureCapacity(slot + 1);
            _links.EnsureCapacity(slot + 1);
            _worths.EnsureCapacity(slot + 1);
            _upperRow.EnsureCapacity(slot + 1);
            _upperLinks.EnsureCapacity(_upperCount + (uint)level);
            _upperWorths.EnsureCapacity(_upperCount + (uint)level);
            _twins.EnsureCapacity(slot + 1);
            _vectors.EnsureCapacity(slot + 1);
            if (_options.Codes)
            {
                _codes.EnsureCapacity(slot + 1);
                _scales.EnsureCapacity(slot + 1);
            }

            *_rows.Levels[slot] = GraphView.NotYet;
            *(uint*)_rows.UpperRow[slot] = _upperCount;
            *(uint*)_rows.Twins[slot] = GraphView.None;
            new Span<byte>(_rows.Links[slot], _rows.Links.Stride).Fill(0xFF);
            new Span<byte>(_worths.View[slot], _worths.View.Stride).Clear();
            for (var row = _upperCount; row < _upperCount + (uint)level; row++)
            {
                new Span<byte>(_rows.UpperLinks[row], _rows.UpperLinks.Stride).Fill(0xFF);
                new Span<byte>(_upperWorths.View[row], _upperWorths.View.Stride).Clear();
            }

            _upperCount += (uint)level;
            Volatile.Write(ref _count, slot + 1);
            return slot;
        }
    }

    [DoesNotReturn]
    private static void ThrowFull() => throw new InvalidOperationException("The index is full: 2^31 - 1 vectors.");
}

/// <summary>Bytes of an index by part. What a sealed one keeps resident is <see cref="Links"/> and <see cref="Codes"/>.</summary>
/// <param name="Links">Links of all levels, levels, twins.</param>
/// <param name="Worths">What each link is worth: only while the index grows.</param>
/// <param name="Codes">int8 codes and scales.</param>
/// <param name="Vectors">float32 rows.</param>
internal readonly record struct HnswMemory(long Links, long Worths, long Codes, long Vectors);
