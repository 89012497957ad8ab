using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sutra.Storage.Vectors;

// AVX2 and VNNI multiply unsigned by signed bytes: |query| by the row with the query's signs gives the same products. AVX-512 has
// no instruction for those signs (vpsignb), so there the bytes are widened to 16 bits.
internal static unsafe partial class Int8Kernels
{
    internal static void Dot4WithAvx2(sbyte* query, byte** rows, int length, int* dots)
    {
        sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var ones = Vector256.Create((short)1);
        var i = 0;
        for (; i + 32 <= length; i += 32)
        {
            var q = Vector256.Load(query + i);
            var size = Avx2.Abs(q);
            s0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(size, Avx2.Sign(Vector256.Load(r0 + i), q)), ones);
            s1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(size, Avx2.Sign(Vector256.Load(r1 + i), q)), ones);
            s2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(size, Avx2.Sign(Vector256.Load(r2 + i), q)), ones);
            s3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(size, Avx2.Sign(Vector256.Load(r3 + i), q)), ones);
        }

        Store(s0, s1, s2, s3, dots);
        AddTails(query, rows, i, length, dots);
    }

    internal static void Dot4WithAvxVnni(sbyte* query, byte** rows, int length, int* dots)
    {
        sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + 32 <= length; i += 32)
        {
            var q = Vector256.Load(query + i);
            var size = Avx2.Abs(q);
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, size, Avx2.Sign(Vector256.Load(r0 + i), q));
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, size, Avx2.Sign(Vector256.Load(r1 + i), q));
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, size, Avx2.Sign(Vector256.Load(r2 + i), q));
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, size, Avx2.Sign(Vector256.Load(r3 + i), q));
        }

        Store(s0, s1, s2, s3, dots);
        AddTails(query, rows, i, length, dots);
    }

    internal static void Dot4WithAvxVnniInt8(sbyte* query, byte** rows, int length, int* dots)
    {
        sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + 32 <= length; i += 32)
        {
            var q = Vector256.Load(query + i);
            s0 = AvxVnniInt8.MultiplyWideningAndAdd(s0, q, Vector256.Load(r0 + i));
            s1 = AvxVnniInt8.MultiplyWideningAndAdd(s1, q, Vector256.Load(r1 + i));
            s2 = AvxVnniInt8.MultiplyWideningAndAdd(s2, q, Vector256.Load(r2 + i));
            s3 = AvxVnniInt8.MultiplyWideningAndAdd(s3, q, Vector256.Load(r3 + i));
        }

        Store(s0, s1, s2, s3, dots);
        AddTails(query, rows, i, length, dots);
    }

    internal static void Dot4WithAvx512(sbyte* query, byte** rows, int length, int* dots)
    {
        sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
        Vector512<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + 32 <= length; i += 32)
        {
            var q = Avx512BW.ConvertToVector512Int16(Vector256.Load(query + i));
            s0 += Avx512BW.MultiplyAddAdjacent(q, Avx512BW.ConvertToVector512Int16(Vector256.Load(r0 + i)));
            s1 += Avx512BW.MultiplyAddAdjacent(q, Avx512BW.ConvertToVector512Int16(Vector256.Load(r1 + i)));
            s2 += Avx512BW.MultiplyAddAdjacent(q, Avx512BW.ConvertToVector512Int16(Vector256.Load(r2 + i)));
            s3 += Avx512BW.MultiplyAddAdjacent(q, Avx512BW.ConvertToVector512Int16(Vector256.Load(r3 + i)));
        }

        Store(Halve(s0), Halve(s1), Halve(s2), Halve(s3), dots);
        AddTails(query, rows, i, length, dots);
    }

    private static Vector256<int> Halve(Vector512<int> sum) => sum.GetLower() + sum.GetUpper();

    // Adds up four registers at once: eight instructions where four separate sums take twenty.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3, int* dots)
    {
        var pairs = Avx2.HorizontalAdd(Avx2.HorizontalAdd(s0, s1), Avx2.HorizontalAdd(s2, s3));
        (pairs.GetLower() + pairs.GetUpper()).Store(dots);
    }
}
