using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// What one walk writes while it runs: its beam, the visited set, the query in both representations. Native memory, kept in a
/// <see cref="ScratchPool"/>, so that a query allocates nothing. Used by one thread at a time.
/// </summary>
internal sealed unsafe class SearchScratch : IDisposable
{
    // Rows gathered before they are scored: one list of links, or the links of links of a filtered walk; three more round up to four.
    public const int MaxBatch = 512;

    private readonly nint _query;
    private readonly nint _queryCodes;
    private nint _beam;
    private int _beamCapacity;
    private nint _visited;
    private byte _epoch;

    public SearchScratch(int dimension)
    {
        _query = (nint)NativeMemory.AlignedAlloc((nuint)GraphView.VectorStride(dimension), 64);
        _queryCodes = (nint)NativeMemory.AlignedAlloc((nuint)GraphView.CodeStride(dimension), 64);
        Slots = (uint*)NativeMemory.AlignedAlloc((MaxBatch + 4) * sizeof(uint), 64);
        Rows = (byte**)NativeMemory.AlignedAlloc((nuint)((MaxBatch + 4) * sizeof(byte*)), 64);
        Distances = (float*)NativeMemory.AlignedAlloc((MaxBatch + 4) * sizeof(float), 64);
        VectorBytes = GraphView.VectorStride(dimension);
        CodeBytes = GraphView.CodeStride(dimension);
    }

    public uint* Slots { get; }

    public byte** Rows { get; }

    public float* Distances { get; }

    public CandidateHeap Frontier { get; } = new();

    /// <summary>Candidates set aside.</summary>
    public List<ulong> Aside { get; } = [];

    /// <summary>Slots to be compared in float32.</summary>
    public List<uint> Finalists { get; } = [];

    /// <summary>Slots from this one on are younger than the walk and are passed over.</summary>
    public uint VisitedCapacity { get; private set; }

    /// <summary>A byte a slot: equal to <see cref="Epoch"/> if the walk has seen it.</summary>
    public byte* Visited => (byte*)_visited;

    public byte Epoch => _epoch;

    private int VectorBytes { get; }

    private int CodeBytes { get; }

    public Span<float> Query => new((void*)_query, VectorBytes / sizeof(float));

    /// <summary>The query as written into <see cref="Query"/>.</summary>
    public Probe FloatProbe => new(_query, 1);

    /// <summary>Encodes <see cref="Query"/>.</summary>
    public Probe EncodeQuery(int dimension)
    {
        var scale = Int8Codec.Encode(Query[..dimension], new Span<sbyte>((void*)_queryCodes, CodeBytes));
        return new Probe(_queryCodes, scale);
    }

    /// <summary>Forgets what was visited: a new epoch, and the set is cleared only when a byte has run through all of them.</summary>
    public void NextEpoch(uint capacity)
    {
        if (VisitedCapacity < capacity)
        {
            NativeMemory.AlignedFree((void*)_visited);
            _visited = (nint)NativeMemory.AlignedAlloc(capacity, 64);
            VisitedCapacity = capacity;
            _epoch = byte.MaxValue;
        }

        if (_epoch == byte.MaxValue)
        {
            NativeMemory.Clear((void*)_visited, VisitedCapacity);
            _epoch = 0;
        }

        _epoch++;
    }

    /// <summary>An empty beam. It takes the place of the one before.</summary>
    public Beam NewBeam(int capacity)
    {
        if (_beamCapacity < capacity)
        {
            NativeMemory.AlignedFree((void*)_beam);
            _beam = (nint)NativeMemory.AlignedAlloc((nuint)(capacity + 4) * sizeof(ulong), 64);
            _beamCapacity = capacity;
        }

        return new Beam((ulong*)_beam, capacity);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree((void*)_query);
        NativeMemory.AlignedFree((void*)_queryCodes);
        NativeMemory.AlignedFree(Slots);
        NativeMemory.AlignedFree(Rows);
        NativeMemory.AlignedFree(Distances);
        NativeMemory.AlignedFree((void*)_beam);
        NativeMemory.AlignedFree((void*)_visited);
    }
}

/// <summary>As many scratches as there were searches at one time. Thread-safe.</summary>
internal sealed class ScratchPool(int dimension) : IDisposable
{
    private readonly ConcurrentQueue<SearchScratch> _idle = new();
    private SearchScratch? _last;

    public SearchScratch Rent() => Interlocked.Exchange(ref _last, null) ?? (_idle.TryDequeue(out var scratch) ? scratch : new SearchScratch(dimension));

    public void Return(SearchScratch scratch)
    {
        if (Interlocked.CompareExchange(ref _last, scratch, null) is not null)
        {
            _idle.Enqueue(scratch);
        }
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _last, null)?.Dispose();
        while (_idle.TryDequeue(out var scratch))
        {
            scratch.Dispose();
        }
    }
}
