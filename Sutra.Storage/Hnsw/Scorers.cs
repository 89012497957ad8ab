using System.Runtime.CompilerServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>What rows are compared with: a query, or another row.</summary>
/// <param name="Data">Padded as the rows are.</param>
/// <param name="Scale">Of int8 codes.</param>
internal readonly unsafe record struct Probe(nint Data, float Scale);

/// <summary>
/// Distances in one representation of the vectors. Implemented by structs, so that the JIT makes a walk of its own for each and
/// calls nothing per row. Distances are 1 - cosine; the same two rows always give the same bits.
/// </summary>
internal unsafe interface IScorer
{
    byte* Row(uint slot);

    Probe ProbeOf(uint slot);

    void Prefetch(byte* row);

    /// <summary>Distances of four rows, which may repeat, to the probe.</summary>
    void Score4(in Probe probe, byte** rows, uint* slots, float* distances);
}

/// <summary>By the vectors themselves.</summary>
internal readonly unsafe struct FloatScorer(in GraphView view) : IScorer
{
    // What lies further on in a row, the processor's own prefetcher finds.
    private const int PrefetchBytes = 1536;

    private readonly RowView _vectors = view.Vectors;
    private readonly RowChecks? _checks = view.VectorChecks;
    private readonly int _length = view.Vectors.Stride / sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(uint slot)
    {
        _checks?.Ensure(slot);
        return _vectors[slot];
    }

    public Probe ProbeOf(uint slot) => new((nint)_vectors[slot], 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(byte* row)
    {
        for (var end = row + Math.Min(_length * sizeof(float), PrefetchBytes); row < end; row += 64)
        {
            MemoryAdvice.Prefetch(row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Score4(in Probe probe, byte** rows, uint* slots, float* distances)
    {
        FloatKernels.Dot4((float*)probe.Data, rows, _length, distances);
        distances[0] = 1 - distances[0];
        distances[1] = 1 - distances[1];
        distances[2] = 1 - distances[2];
        distances[3] = 1 - distances[3];
    }
}

/// <summary>By the int8 codes: a quarter of the bytes, an error of about a hundredth in the order of near neighbours.</summary>
internal readonly unsafe struct CodeScorer(in GraphView view) : IScorer
{
    private readonly RowView _codes = view.Codes;
    private readonly RowView _scales = view.Scales;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(uint slot) => _codes[slot];

    public Probe ProbeOf(uint slot) => new((nint)_codes[slot], *(float*)_scales[slot]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(byte* row)
    {
        for (var end = row + _codes.Stride; row < end; row += 64)
        {
            MemoryAdvice.Prefetch(row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Score4(in Probe probe, byte** rows, uint* slots, float* distances)
    {
        Int8Kernels.Dot4((sbyte*)probe.Data, rows, _codes.Stride, (int*)distances);
        for (var i = 0; i < 4; i++)
        {
            distances[i] = 1 - ((int*)distances)[i] * (probe.Scale * *(float*)_scales[slots[i]]);
        }
    }
}
