using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Sutra.Storage.Vectors;

// NEON on Arm, SSE on old x64.
internal static unsafe partial class FloatKernels
{
    // Four sums: a fused multiply-add takes four or five cycles, and two can begin in each.
    internal static float Dot128(float* a, float* b, int length)
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            s0 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i), Vector128.Load(b + i), s0);
            s1 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i + 4), Vector128.Load(b + i + 4), s1);
            s2 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i + 8), Vector128.Load(b + i + 8), s2);
            s3 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i + 12), Vector128.Load(b + i + 12), s3);
        }

        for (; i + 4 <= length; i += 4)
        {
            s0 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i), Vector128.Load(b + i), s0);
        }

        return Vector128.Sum(s0 + s1 + (s2 + s3)) + Tail(a, b, i, length);
    }

    // Two sums a row: eight chains are enough to keep both multipliers busy, and they fit the registers.
    internal static void Dot4With128(float* query, byte** rows, int length, float* dots)
    {
        float* r0 = (float*)rows[0], r1 = (float*)rows[1], r2 = (float*)rows[2], r3 = (float*)rows[3];
        V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero;
        V b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
        var i = 0;
        for (; i + 8 <= length; i += 8)
        {
            var q = Vector128.Load(query + i);
            a0 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r0 + i), a0);
            a1 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r1 + i), a1);
            a2 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r2 + i), a2);
            a3 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r3 + i), a3);
            q = Vector128.Load(query + i + 4);
            b0 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r0 + i + 4), b0);
            b1 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r1 + i + 4), b1);
            b2 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r2 + i + 4), b2);
            b3 = Vector128.FusedMultiplyAdd(q, Vector128.Load(r3 + i + 4), b3);
        }

        dots[0] = Vector128.Sum(a0 + b0);
        dots[1] = Vector128.Sum(a1 + b1);
        dots[2] = Vector128.Sum(a2 + b2);
        dots[3] = Vector128.Sum(a3 + b3);
        if (i < length)
        {
            dots[0] += Tail(query, r0, i, length);
            dots[1] += Tail(query, r1, i, length);
            dots[2] += Tail(query, r2, i, length);
            dots[3] += Tail(query, r3, i, length);
        }
    }
}
