using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sutra.Models.Train.Training;

/// <summary>
/// Arithmetic of a training step. Every result is one chain of operations in a fixed order, so any machine with fused multiply-add, and any
/// number of threads, computes the same bits.
/// </summary>
internal static class Kernels
{
    /// <summary>Matrices are cut into strips of so many columns, each strip contiguous: [column / 16][row][column % 16].</summary>
    public const int Tile = 16;

    /// <summary>Rows that <see cref="MultiplyAdd"/> computes at once: with 16 columns, 8 accumulators of 16 registers.</summary>
    public const int RowsAtOnce = 4;

    /// <summary>Where the left factor's elements are: row r, inner index 16·o + i at <c>r·Row + o·Outer + i·Inner</c>.</summary>
    public readonly record struct LeftLayout(int Row, int Outer, int Inner);

    /// <summary>4 rows × 16 columns of <c>result = initial + left × right</c>.</summary>
    /// <param name="right">A strip: 16 columns for each inner index.</param>
    /// <param name="groups">Inner indexes / 16.</param>
    /// <param name="stride">From row to row of <paramref name="initial"/> and <paramref name="result"/>, which may be the same.</param>
    public static void MultiplyAdd(
        ref float left, LeftLayout layout, ref float right, int groups, ref float initial, ref float result, int stride)
    {
        var (s00, s01) = Load(ref initial);
        var (s10, s11) = Load(ref Unsafe.Add(ref initial, stride));
        var (s20, s21) = Load(ref Unsafe.Add(ref initial, 2 * stride));
        var (s30, s31) = Load(ref Unsafe.Add(ref initial, 3 * stride));
        ref var a0 = ref left;
        ref var a1 = ref Unsafe.Add(ref left, layout.Row);
        ref var a2 = ref Unsafe.Add(ref left, 2 * layout.Row);
        ref var a3 = ref Unsafe.Add(ref left, 3 * layout.Row);
        for (var group = 0; group < groups; group++)
        {
            nint k = group * layout.Outer;
            for (var i = 0; i < Tile; i++)
            {
                var (b0, b1) = Load(ref right);
                var x = Vector256.Create(Unsafe.Add(ref a0, k));
                s00 = Vector256.FusedMultiplyAdd(x, b0, s00);
                s01 = Vector256.FusedMultiplyAdd(x, b1, s01);
                x = Vector256.Create(Unsafe.Add(ref a1, k));
                s10 = Vector256.FusedMultiplyAdd(x, b0, s10);
                s11 = Vector256.FusedMultiplyAdd(x, b1, s11);
                x = Vector256.Create(Unsafe.Add(ref a2, k));
                s20 = Vector256.FusedMultiplyAdd(x, b0, s20);
                s21 = Vector256.FusedMultiplyAdd(x, b1, s21);
                x = Vector256.Create(Unsafe.Add(ref a3, k));
                s30 = Vector256.FusedMultiplyAdd(x, b0, s30);
                s31 = Vector256.FusedMultiplyAdd(x, b1, s31);
                k += layout.Inner;
                right = ref Unsafe.Add(ref right, Tile);
            }
        }

        Store(s00, s01, ref result);
        Store(s10, s11, ref Unsafe.Add(ref result, stride));
        Store(s20, s21, ref Unsafe.Add(ref result, 2 * stride));
        Store(s30, s31, ref Unsafe.Add(ref result, 3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Low, Vector256<float> High) Load(ref float source) =>
        (Vector256.LoadUnsafe(ref source), Vector256.LoadUnsafe(ref source, 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> low, Vector256<float> high, ref float target)
    {
        low.StoreUnsafe(ref target);
        high.StoreUnsafe(ref target, 8);
    }

    /// <summary>The sum of 16 lanes, always added in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> low, Vector256<float> high)
    {
        var eight = low + high;
        var four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    /// <summary>e^x for x ≤ 0 within 2 units in the last place; below −87 as at −87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ExpOfNegative(Vector256<float> x)
    {
        x = Vector256.Max(x, Vector256.Create(-87f));
        var n = Vector256.Floor(Vector256.FusedMultiplyAdd(x, Vector256.Create(1.44269504f), Vector256.Create(0.5f)));

        // x = n ln 2 + r, ln 2 in two parts so that the product is exact enough.
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var y = Vector256.Create(1.9875691500e-4f);
        y = Vector256.FusedMultiplyAdd(y, r, Vector256.Create(1.3981999507e-3f));
        y = Vector256.FusedMultiplyAdd(y, r, Vector256.Create(8.3334519073e-3f));
        y = Vector256.FusedMultiplyAdd(y, r, Vector256.Create(4.1665795894e-2f));
        y = Vector256.FusedMultiplyAdd(y, r, Vector256.Create(1.6666665459e-1f));
        y = Vector256.FusedMultiplyAdd(y, r, Vector256.Create(5.0000001201e-1f));
        y = Vector256.FusedMultiplyAdd(y, r * r, r + Vector256<float>.One);
        var exponent = (Vector256.ConvertToInt32(n) + Vector256.Create(127)) << 23;
        return y * exponent.AsSingle();
    }
}
