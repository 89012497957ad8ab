using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Sutra.Storage.Vectors;

/// <summary>
/// Dot products of int8 vectors, exact in 32-bit integers. Numbers are within ±127: -128 would overflow the 16-bit sums of AVX2's
/// byte multiplication, and <see cref="Int8Codec"/> makes none.
/// </summary>
/// <remarks>Up to 2^31 / 127² = 133,000 dimensions. The choice of an instruction set is a constant to the JIT.</remarks>
internal static unsafe partial class Int8Kernels
{
    /// <summary>a·b of <paramref name="length"/> numbers each.</summary>
    public static int Dot(sbyte* a, sbyte* b, int length)
    {
        var rows = stackalloc byte*[4] { (byte*)b, (byte*)b, (byte*)b, (byte*)b };
        var dots = stackalloc int[4];
        Dot4(a, rows, length, dots);
        return dots[0];
    }

    /// <summary>The dot products of <paramref name="query"/> with four rows.</summary>
    /// <param name="query">The vector that all four are compared with.</param>
    /// <param name="rows">Four addresses.</param>
    /// <param name="length">Numbers in each.</param>
    /// <param name="dots">Four results.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot4(sbyte* query, byte** rows, int length, int* dots)
    {
        if (AvxVnniInt8.IsSupported)
        {
            Dot4WithAvxVnniInt8(query, rows, length, dots);
        }
        else if (AvxVnni.IsSupported)
        {
            Dot4WithAvxVnni(query, rows, length, dots);
        }
        else if (Avx512BW.IsSupported)
        {
            Dot4WithAvx512(query, rows, length, dots);
        }
        else if (Avx2.IsSupported)
        {
            Dot4WithAvx2(query, rows, length, dots);
        }
        else if (Dp.IsSupported)
        {
            Dot4WithNeonDp(query, rows, length, dots);
        }
        else if (AdvSimd.IsSupported)
        {
            Dot4WithNeon(query, rows, length, dots);
        }
        else
        {
            Dot4Scalar(query, rows, length, dots);
        }
    }

    internal static void Dot4Scalar(sbyte* query, byte** rows, int length, int* dots)
    {
        dots[0] = dots[1] = dots[2] = dots[3] = 0;
        AddTails(query, rows, 0, length, dots);
    }

    private static void AddTails(sbyte* query, byte** rows, int from, int length, int* dots)
    {
        for (var row = 0; row < 4; row++)
        {
            var codes = (sbyte*)rows[row];
            for (var i = from; i < length; i++)
            {
                dots[row] += query[i] * codes[i];
            }
        }
    }
}
