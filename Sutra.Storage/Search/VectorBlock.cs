using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>
/// Some rows of normalised vectors, one after the other. A row is written once, before it is published, and never again; a
/// removed row only gets the sequence number of its removal. So searches read without locks.
/// </summary>
internal sealed class VectorBlock
{
    /// <summary>The removal of a row that is still there.</summary>
    public const ulong Never = ulong.MaxValue;

    // One megabyte: long runs for the hardware prefetcher, and little to copy when a block is thinned out.
    private const int TargetFloats = 256 * 1024;
    private const int MinRows = 64;
    private const int MaxRows = 4096;

    private readonly int _dimension;
    private readonly float[] _vectors;
    private readonly ulong[] _born;
    private readonly ulong[] _died;
    private readonly StoredConcept[] _concepts;

    public VectorBlock(int dimension)
    {
        _dimension = dimension;
        Capacity = Math.Clamp(TargetFloats / dimension, MinRows, MaxRows);
        _vectors = GC.AllocateUninitializedArray<float>(Capacity * dimension);
        _born = new ulong[Capacity];
        _died = new ulong[Capacity];
        _concepts = new StoredConcept[Capacity];
    }

    public int Capacity { get; }

    public long VectorBytes => (long)_vectors.Length * sizeof(float);

    // Writer thread only.
    public int Count { get; private set; }

    // Writer thread only.
    public int Dead { get; private set; }

    public ReadOnlySpan<float> Rows(int count) => _vectors.AsSpan(0, count * _dimension);

    public ReadOnlySpan<float> Row(int row) => _vectors.AsSpan(row * _dimension, _dimension);

    public StoredConcept Concept(int row) => _concepts[row];

    public ulong Born(int row) => _born[row];

    public bool IsAlive(int row) => Volatile.Read(ref _died[row]) == Never;

    /// <summary>Whether the row belongs to the state after record <paramref name="sequence"/>.</summary>
    public bool IsVisible(int row, ulong sequence) => _born[row] <= sequence && Volatile.Read(ref _died[row]) > sequence;

    /// <summary>The room of the next row, to be filled before <see cref="Add"/>.</summary>
    public Span<float> NextRow() => _vectors.AsSpan(Count * _dimension, _dimension);

    public int Add(StoredConcept concept, ulong born)
    {
        _born[Count] = born;
        _died[Count] = Never;
        _concepts[Count] = concept;
        return Count++;
    }

    public void Remove(int row, ulong sequence)
    {
        Volatile.Write(ref _died[row], sequence);
        Dead++;
    }
}
