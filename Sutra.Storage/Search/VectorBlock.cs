using Sutra.Storage.Concepts;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Search;

/// <summary>
/// Some rows of normalised vectors with their int8 codes, one after the other. A row is written once, before it is published, and never again; a
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
    private readonly int _codeStride;
    private readonly float[] _vectors;
    private readonly sbyte[] _codes;
    private readonly float[] _scales;
    private readonly float[] _errors;
    private readonly ulong[] _born;
    private readonly ulong[] _died;
    private readonly StoredConcept[] _concepts;

    public VectorBlock(int dimension)
    {
        _dimension = dimension;
        Capacity = Math.Clamp(TargetFloats / dimension, MinRows, MaxRows);
        _codeStride = GraphView.CodeStride(dimension);
        _vectors = GC.AllocateUninitializedArray<float>(Capacity * dimension);
        _codes = GC.AllocateUninitializedArray<sbyte>(Capacity * _codeStride);
        _scales = new float[Capacity];
        _errors = new float[Capacity];
        _born = new ulong[Capacity];
        _died = new ulong[Capacity];
        _concepts = new StoredConcept[Capacity];
    }

    public int Capacity { get; }

    public long VectorBytes => ((long)_vectors.Length * sizeof(float)) + _codes.Length;

    // Writer thread only.
    public int Count { get; private set; }

    // Writer thread only.
    public int Dead { get; private set; }

    /// <summary>Of its rows, one after the other, each padded with zeros to <see cref="GraphView.CodeStride"/>.</summary>
    public ReadOnlySpan<sbyte> Codes => _codes;

    public ReadOnlySpan<float> Row(int row) => _vectors.AsSpan(row * _dimension, _dimension);

    /// <summary>Of the codes of a row.</summary>
    public float Scale(int row) => _scales[row];

    /// <summary>What <see cref="CodedQuery.ErrorOf"/> says of the codes of a row.</summary>
    public float Error(int row) => _errors[row];

    public StoredConcept Concept(int row) => _concepts[row];

    public ulong Born(int row) => _born[row];

    public bool IsAlive(int row) => Volatile.Read(ref _died[row]) == Never;

    /// <summary>Whether the row belongs to the state after record <paramref name="sequence"/>.</summary>
    public bool IsVisible(int row, ulong sequence) => _born[row] <= sequence && Volatile.Read(ref _died[row]) > sequence;

    /// <summary>The room of the next row, to be filled before <see cref="Add"/>.</summary>
    public Span<float> NextRow() => _vectors.AsSpan(Count * _dimension, _dimension);

    public int Add(StoredConcept concept, ulong born)
    {
        var codes = _codes.AsSpan(Count * _codeStride, _codeStride);
        _scales[Count] = Int8Codec.Encode(Row(Count), codes);
        _errors[Count] = CodedQuery.ErrorOf(Row(Count), codes, _scales[Count]);
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
