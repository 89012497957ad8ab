using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace Sutra.Storage.Vectors;

// AVX2 with FMA.
internal static unsafe partial class FloatKernels
{
    // Four sums: a fused multiply-add takes four or five cycles, and two can begin in each.
    internal static float Dot256(float* a, float* b, int length)
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        var i = 0;
        for (; i + 32 <= length; i += 32)
        {
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16), s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 24), Vector256.Load(b + i + 24), s3);
        }

        for (; i + 8 <= length; i += 8)
        {
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
        }

        return Vector256.Sum(s0 + s1 + (s2 + s3)) + Tail(a, b, i, length);
    }

    // Two sums a row: eight chains are enough to keep both multipliers busy, and they fit the registers.
    internal static void Dot4With256(float* query, byte** rows, int length, float* dots)
    {
        float* r0 = (float*)rows[0], r1 = (float*)rows[1], r2 = (float*)rows[2], r3 = (float*)rows[3];
        V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero;
        V b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            var q = Vector256.Load(query + i);
            a0 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r0 + i), a0);
            a1 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r1 + i), a1);
            a2 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r2 + i), a2);
            a3 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r3 + i), a3);
            q = Vector256.Load(query + i + 8);
            b0 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r0 + i + 8), b0);
            b1 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r1 + i + 8), b1);
            b2 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r2 + i + 8), b2);
            b3 = Vector256.FusedMultiplyAdd(q, Vector256.Load(r3 + i + 8), b3);
        }

        dots[0] = Vector256.Sum(a0 + b0);
        dots[1] = Vector256.Sum(a1 + b1);
        dots[2] = Vector256.Sum(a2 + b2);
        dots[3] = Vector256.Sum(a3 + b3);
        if (i < length)
        {
            dots[0] += Tail(query, r0, i, length);
            dots[1] += Tail(query, r1, i, length);
            dots[2] += Tail(query, r2, i, length);
            dots[3] += Tail(query, r3, i, length);
        }
    }
}
