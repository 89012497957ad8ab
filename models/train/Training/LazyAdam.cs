using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>Adam that touches only the rows a batch used: moments of the others stay as they are.</summary>
internal sealed class LazyAdam(EmbeddingTable table)
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-12f;

    private readonly float[] _first = new float[table.Values.Length];
    private readonly float[] _second = new float[table.Values.Length];
    private float _firstCorrection;
    private float _secondCorrection;
    private double _beta1Power = 1;
    private double _beta2Power = 1;

    /// <summary>Begins a step, before its <see cref="Update"/>s.</summary>
    public void NextStep()
    {
        _beta1Power *= Beta1;
        _beta2Power *= Beta2;
        _firstCorrection = (float)(1 / (1 - _beta1Power));
        _secondCorrection = (float)(1 / (1 - _beta2Power));
    }

    /// <summary>Moves one row; different rows may be moved at once.</summary>
    public void Update(int row, ReadOnlySpan<float> gradient, float learningRate)
    {
        ref var value = ref MemoryMarshal.GetReference(table[row]);
        ref var first = ref _first[row * table.Dimensions];
        ref var second = ref _second[row * table.Dimensions];
        ref var source = ref MemoryMarshal.GetReference(gradient);
        for (nuint i = 0; i < (nuint)table.Dimensions; i += 8)
        {
            var g = Vector256.LoadUnsafe(ref source, i);
            var m = Vector256.FusedMultiplyAdd(Vector256.Create(1 - Beta1), g, Vector256.LoadUnsafe(ref first, i) * Beta1);
            var v = Vector256.FusedMultiplyAdd(Vector256.Create(1 - Beta2), g * g, Vector256.LoadUnsafe(ref second, i) * Beta2);
            m.StoreUnsafe(ref first, i);
            v.StoreUnsafe(ref second, i);
            var step = m * (learningRate * _firstCorrection) / (Vector256.Sqrt(v * _secondCorrection) + Vector256.Create(Epsilon));
            (Vector256.LoadUnsafe(ref value, i) - step).StoreUnsafe(ref value, i);
        }
    }
}
