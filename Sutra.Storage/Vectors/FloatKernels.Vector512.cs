using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Sutra.Storage.Vectors;

// AVX-512.
internal static unsafe partial class FloatKernels
{
    // Four sums: a fused multiply-add takes four or five cycles, and two can begin in each.
    internal static float Dot512(float* a, float* b, int length)
    {
        V s0 = V.Zero, s1 = V.Zero, s2 = V.Zero, s3 = V.Zero;
        var i = 0;
        for (; i + 64 <= length; i += 64)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 32), Vector512.Load(b + i + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 48), Vector512.Load(b + i + 48), s3);
        }

        for (; i + 16 <= length; i += 16)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
        }

        return Vector512.Sum(s0 + s1 + (s2 + s3)) + Tail(a, b, i, length);
    }

    // Two sums a row: eight chains are enough to keep both multipliers busy, and they fit the registers.
    internal static void Dot4With512(float* query, byte** rows, int length, float* dots)
    {
        float* r0 = (float*)rows[0], r1 = (float*)rows[1], r2 = (float*)rows[2], r3 = (float*)rows[3];
        V a0 = V.Zero, a1 = V.Zero, a2 = V.Zero, a3 = V.Zero;
        V b0 = V.Zero, b1 = V.Zero, b2 = V.Zero, b3 = V.Zero;
        var i = 0;
        for (; i + 32 <= length; i += 32)
        {
            var q = Vector512.Load(query + i);
            a0 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r0 + i), a0);
            a1 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r1 + i), a1);
            a2 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r2 + i), a2);
            a3 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r3 + i), a3);
            q = Vector512.Load(query + i + 16);
            b0 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r0 + i + 16), b0);
            b1 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r1 + i + 16), b1);
            b2 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r2 + i + 16), b2);
            b3 = Vector512.FusedMultiplyAdd(q, Vector512.Load(r3 + i + 16), b3);
        }

        dots[0] = Vector512.Sum(a0 + b0);
        dots[1] = Vector512.Sum(a1 + b1);
        dots[2] = Vector512.Sum(a2 + b2);
        dots[3] = Vector512.Sum(a3 + b3);
        if (i < length)
        {
            dots[0] += Tail(query, r0, i, length);
            dots[1] += Tail(query, r1, i, length);
            dots[2] += Tail(query, r2, i, length);
            dots[3] += Tail(query, r3, i, length);
        }
    }
}
