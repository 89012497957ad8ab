using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Sutra.Storage.Vectors;

namespace Sutra.Tests.Storage.Vectors;

/// <summary>Every kernel this machine can run, against double precision, at lengths with and without tails.</summary>
[TestClass]
public sealed unsafe class KernelTests
{
    private static readonly int[] Lengths = [1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 100, 127, 129, 384, 385, 768, 1000, 1536];

    private delegate float FloatDot(float* a, float* b, int length);

    private delegate void FloatDot4(float* query, byte** rows, int length, float* dots);

    private delegate void Int8Dot4(sbyte* query, byte** rows, int length, int* dots);

    [TestMethod]
    public void Every_float32_kernel_agrees_with_double_precision_at_any_length()
    {
        var kernels = new List<(string, FloatDot)> { ("chosen", FloatKernels.Dot), ("scalar", FloatKernels.DotScalar), ("128", FloatKernels.Dot128), ("256", FloatKernels.Dot256), ("512", FloatKernels.Dot512) };
        foreach (var (name, dot) in kernels)
        {
            foreach (var length in Lengths)
            {
                var (a, b) = (Floats(length, 1), Floats(length, 2));
                fixed (float* left = a, right = b)
                {
                    var expected = a.Zip(b, (x, y) => (double)x * y).Sum();
                    Assert.AreEqual(expected, dot(left, right, length), 1e-5 * Math.Sqrt(length), $"{name}, {length} dimensions");
                }
            }
        }
    }

    [TestMethod]
    public void Four_float32_rows_at_once_agree_with_double_precision_and_with_themselves_in_every_place()
    {
        var kernels = new List<(string, FloatDot4)> { ("chosen", FloatKernels.Dot4), ("scalar", FloatKernels.Dot4Scalar), ("128", FloatKernels.Dot4With128), ("256", FloatKernels.Dot4With256), ("512", FloatKernels.Dot4With512) };
        foreach (var (name, dot) in kernels)
        {
            foreach (var length in Lengths)
            {
                var query = Floats(length, 1);
                var rows = Enumerable.Range(2, 4).Select(seed => Floats(length, seed)).ToArray();
                var dots = Run(dot, query, rows);
                for (var i = 0; i < 4; i++)
                {
                    Assert.AreEqual(query.Zip(rows[i], (x, y) => (double)x * y).Sum(), dots[i], 1e-5 * Math.Sqrt(length), $"{name}, {length} dimensions, row {i}");
                }

                var expected = BitConverter.SingleToInt32Bits(dots[2]);
                foreach (var turned in Run(dot, rows[2], [query, query, query, query]))
                {
                    Assert.AreEqual(expected, BitConverter.SingleToInt32Bits(turned), $"{name}, {length} dimensions: b·a differs from a·b in some place");
                }
            }
        }
    }

    [TestMethod]
    public void Every_int8_kernel_is_exact_at_any_length_and_at_the_ends_of_the_range()
    {
        var kernels = new List<(string, bool, Int8Dot4)>
        {
            ("chosen", true, Int8Kernels.Dot4), ("scalar", true, Int8Kernels.Dot4Scalar), ("AVX2", Avx2.IsSupported, Int8Kernels.Dot4WithAvx2),
            ("AVX-512", Avx512BW.IsSupported, Int8Kernels.Dot4WithAvx512), ("AVX-VNNI", AvxVnni.IsSupported, Int8Kernels.Dot4WithAvxVnni),
            ("AVX-VNNI-INT8", AvxVnniInt8.IsSupported, Int8Kernels.Dot4WithAvxVnniInt8), ("NEON", AdvSimd.IsSupported, Int8Kernels.Dot4WithNeon),
            ("NEON dot product", Dp.IsSupported, Int8Kernels.Dot4WithNeonDp),
        };
        foreach (var (name, runs, dot) in kernels)
        {
            if (!runs)
            {
                Console.WriteLine($"{name}: not on this machine, not tested.");
                continue;
            }

            foreach (var length in Lengths)
            {
                foreach (var extreme in new[] { false, true })
                {
                    var query = Codes(length, 1, extreme);
                    var rows = Enumerable.Range(2, 4).Select(seed => Codes(length, seed, extreme)).ToArray();
                    var dots = Run(dot, query, rows);
                    for (var i = 0; i < 4; i++)
                    {
                        Assert.AreEqual(query.Zip(rows[i], (x, y) => x * y).Sum(), dots[i], $"{name}, {length} dimensions, row {i}");
                    }

                    fixed (sbyte* a = query, b = rows[0])
                    {
                        Assert.AreEqual(dots[0], Int8Kernels.Dot(a, b, length));
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Hamming_distance_counts_bits_at_any_length()
    {
        foreach (var length in Lengths)
        {
            byte[] a = new byte[length], b = new byte[length];
            new Random(length).NextBytes(a);
            new Random(-length).NextBytes(b);
            var expected = a.Zip(b, (x, y) => byte.PopCount((byte)(x ^ y))).Sum(count => count);
            fixed (byte* left = a, right = b)
            {
                Assert.AreEqual(expected, HammingKernels.Distance(left, right, length));
                Assert.AreEqual(expected, HammingKernels.DistanceByWords(left, right, length));
                if (AdvSimd.Arm64.IsSupported)
                {
                    Assert.AreEqual(expected, HammingKernels.DistanceWithNeon(left, right, length));
                }
            }
        }
    }

    private static float[] Run(FloatDot4 dot, float[] query, float[][] rows)
    {
        var dots = new float[4];
        fixed (float* q = query, r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], results = dots)
        {
            var places = stackalloc byte*[4] { (byte*)r0, (byte*)r1, (byte*)r2, (byte*)r3 };
            dot(q, places, query.Length, results);
        }

        return dots;
    }

    private static int[] Run(Int8Dot4 dot, sbyte[] query, sbyte[][] rows)
    {
        var dots = new int[4];
        fixed (sbyte* q = query, r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3])
        {
            fixed (int* results = dots)
            {
                var places = stackalloc byte*[4] { (byte*)r0, (byte*)r1, (byte*)r2, (byte*)r3 };
                dot(q, places, query.Length, results);
            }
        }

        return dots;
    }

    private static float[] Floats(int length, int seed)
    {
        var random = new Random(seed * 10_007 + length);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    private static sbyte[] Codes(int length, int seed, bool extreme)
    {
        var random = new Random(seed * 10_007 + length);
        return [.. Enumerable.Range(0, length).Select(_ => (sbyte)(extreme ? (random.Next(8) == 0 ? -127 : 127) : random.Next(-127, 128)))];
    }
}
