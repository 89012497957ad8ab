using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Sutra.Storage.Vectors;

internal static unsafe partial class Int8Kernels
{
    // Armv8.2 and newer: sixteen products an instruction.
    internal static void Dot4WithNeonDp(sbyte* query, byte** rows, int length, int* dots)
    {
        sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            var q = Vector128.Load(query + i);
            s0 = Dp.DotProduct(s0, q, Vector128.Load(r0 + i));
            s1 = Dp.DotProduct(s1, q, Vector128.Load(r1 + i));
            s2 = Dp.DotProduct(s2, q, Vector128.Load(r2 + i));
            s3 = Dp.DotProduct(s3, q, Vector128.Load(r3 + i));
        }

        Store(s0, s1, s2, s3, dots);
        AddTails(query, rows, i, length, dots);
    }

    internal static void Dot4WithNeon(sbyte* query, byte** rows, int length, int* dots)
    {
        sbyte* r0 = (sbyte*)rows[0], r1 = (sbyte*)rows[1], r2 = (sbyte*)rows[2], r3 = (sbyte*)rows[3];
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + 16 <= length; i += 16)
        {
            var q = Vector128.Load(query + i);
            s0 = AddProducts(s0, q, Vector128.Load(r0 + i));
            s1 = AddProducts(s1, q, Vector128.Load(r1 + i));
            s2 = AddProducts(s2, q, Vector128.Load(r2 + i));
            s3 = AddProducts(s3, q, Vector128.Load(r3 + i));
        }

        Store(s0, s1, s2, s3, dots);
        AddTails(query, rows, i, length, dots);
    }

    // Two products of ±127 fit 16 bits: 2 · 127² = 32,258.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddProducts(Vector128<int> sum, Vector128<sbyte> q, Vector128<sbyte> row)
    {
        var products = AdvSimd.MultiplyWideningLower(q.GetLower(), row.GetLower());
        products = AdvSimd.MultiplyWideningLowerAndAdd(products, q.GetUpper(), row.GetUpper());
        return AdvSimd.AddPairwiseWideningAndAdd(sum, products);
    }

    private static void Store(Vector128<int> s0, Vector128<int> s1, Vector128<int> s2, Vector128<int> s3, int* dots)
    {
        dots[0] = Vector128.Sum(s0);
        dots[1] = Vector128.Sum(s1);
        dots[2] = Vector128.Sum(s2);
        dots[3] = Vector128.Sum(s3);
    }
}
