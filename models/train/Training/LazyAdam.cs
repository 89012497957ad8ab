using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>Adam (Kingma and Ba, 2015) that touches only the rows a batch used: moments of the others stay as they are.</summary>
internal sealed class LazyAdam(EmbeddingTable table)
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-12f;

    private float _firstCorrection;
    private float _secondCorrection;

    /// <summary>Means of the gradients, laid out as the table.</summary>
    public float[] First { get; } = new float[table.Values.Length];

    /// <summary>Means of the squared gradients, laid out as the table.</summary>
    public float[] Second { get; } = new float[table.Values.Length];

    /// <summary>Begins step <paramref name="step"/>, counted from 1, before its <see cref="Update"/>s.</summary>
    public void Begin(int step)
    {
        _firstCorrection = (float)(1 / (1 - Power(Beta1, step)));
        _secondCorrection = (float)(1 / (1 - Power(Beta2, step)));
    }

    /// <summary>Moves one row; different rows may be moved at once.</summary>
    public void Update(int row, ReadOnlySpan<float> gradient, float learningRate)
    {
        ref var value = ref MemoryMarshal.GetReference(table[row]);
        ref var first = ref First[row * table.Dimensions];
        ref var second = ref Second[row * table.Dimensions];
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

    // Not Math.Pow, whose last bit is the platform's.
    private static double Power(double factor, int exponent)
    {
        var power = 1.0;
        for (var i = 0; i < exponent; i++)
        {
            power *= factor;
        }

        return power;
    }
}
