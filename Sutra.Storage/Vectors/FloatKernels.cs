using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sutra.Storage.Vectors;

/// <summary>
/// Dot products of float32 vectors. Widths are constants to the JIT, so the choice of one costs nothing at run time.
/// </summary>
/// <remarks>
/// <see cref="Dot4"/> sums in the same order for each of its rows, whichever place a row has in the call: the same two vectors give
/// the same bits, and <c>a·b</c> the same as <c>b·a</c>. The graph's comparisons count on that; <see cref="Dot"/> sums in another order.
/// </remarks>
internal static unsafe partial class FloatKernels
{
    /// <summary>a·b of <paramref name="length"/> numbers each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length) =>
        Vector512.IsHardwareAccelerated ? Dot512(a, b, length)
        : Vector256.IsHardwareAccelerated ? Dot256(a, b, length)
        : Vector128.IsHardwareAccelerated ? Dot128(a, b, length)
        : DotScalar(a, b, length);

    /// <summary>a·b of two vectors of one length.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, a.Length, nameof(b));
        fixed (float* left = a, right = b)
        {
            return Dot(left, right, a.Length);
        }
    }

    /// <summary>The dot products of <paramref name="query"/> with four rows: the query is loaded once, and four misses overlap.</summary>
    /// <param name="query">The vector that all four are compared with.</param>
    /// <param name="rows">Four addresses.</param>
    /// <param name="length">Numbers in each.</param>
    /// <param name="dots">Four results.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot4(float* query, byte** rows, int length, float* dots)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Dot4With512(query, rows, length, dots);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Dot4With256(query, rows, length, dots);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Dot4With128(query, rows, length, dots);
        }
        else
        {
            Dot4Scalar(query, rows, length, dots);
        }
    }

    internal static float DotScalar(float* a, float* b, int length)
    {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        var i = 0;
        for (; i + 4 <= length; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }

        return s0 + s1 + (s2 + s3) + Tail(a, b, i, length);
    }

    internal static void Dot4Scalar(float* query, byte** rows, int length, float* dots)
    {
        for (var row = 0; row < 4; row++)
        {
            dots[row] = DotScalar(query, (float*)rows[row], length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Tail(float* a, float* b, int from, int length)
    {
        var sum = 0f;
        for (var i = from; i < length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
