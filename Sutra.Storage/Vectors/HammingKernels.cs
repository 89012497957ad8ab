using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Sutra.Storage.Vectors;

/// <summary>How many bits differ between two binary codes.</summary>
/// <remarks>
/// On x64 the plain population count is the kernel: 64 bits an instruction, up to four a cycle. NEON has no scalar one, but counts
/// sixteen bytes at once.
/// </remarks>
internal static unsafe class HammingKernels
{
    /// <param name="a">A code.</param>
    /// <param name="b">Another.</param>
    /// <param name="bytes">Length of each.</param>
    public static int Distance(byte* a, byte* b, int bytes) =>
        AdvSimd.Arm64.IsSupported ? DistanceWithNeon(a, b, bytes) : DistanceByWords(a, b, bytes);

    internal static int DistanceByWords(byte* a, byte* b, int bytes)
    {
        int s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        var i = 0;
        for (; i + 32 <= bytes; i += 32)
        {
            s0 += Differences(a, b, i);
            s1 += Differences(a, b, i + 8);
            s2 += Differences(a, b, i + 16);
            s3 += Differences(a, b, i + 24);
        }

        for (; i + 8 <= bytes; i += 8)
        {
            s0 += Differences(a, b, i);
        }

        return s0 + s1 + s2 + s3 + Tail(a, b, i, bytes);
    }

    internal static int DistanceWithNeon(byte* a, byte* b, int bytes)
    {
        var sum = Vector128<uint>.Zero;
        var i = 0;
        for (; i + 16 <= bytes; i += 16)
        {
            var counts = AdvSimd.PopCount(Vector128.Load(a + i) ^ Vector128.Load(b + i));
            sum = AdvSimd.AddPairwiseWideningAndAdd(sum, AdvSimd.AddPairwiseWidening(counts));
        }

        return (int)Vector128.Sum(sum) + Tail(a, b, i, bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Differences(byte* a, byte* b, int at) =>
        BitOperations.PopCount(Unsafe.ReadUnaligned<ulong>(a + at) ^ Unsafe.ReadUnaligned<ulong>(b + at));

    private static int Tail(byte* a, byte* b, int from, int bytes)
    {
        var sum = 0;
        for (var i = from; i < bytes; i++)
        {
            sum += BitOperations.PopCount((uint)(a[i] ^ b[i]));
        }

        return sum;
    }
}
