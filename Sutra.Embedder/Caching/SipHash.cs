using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sutra.Embedder.Caching;

/// <summary>
/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein 2012): a keyed hash that nobody who does not have the key can
/// find collisions for, at a tenth of what an HMAC costs for a short text.
/// </summary>
/// <param name="K0">First half of the key, little-endian.</param>
/// <param name="K1">Second half.</param>
internal readonly record struct SipHash(ulong K0, ulong K1)
{
    public static SipHash Of(ReadOnlySpan<byte> key) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));

    public VectorKey Hash(ReadOnlySpan<byte> data)
    {
        var v0 = K0 ^ 0x736f6d6570736575;
        var v1 = K1 ^ 0x646f72616e646f6d ^ 0xee;
        var v2 = K0 ^ 0x6c7967656e657261;
        var v3 = K1 ^ 0x7465646279746573;
        var last = (ulong)data.Length << 56;
        for (; data.Length >= 8; data = data[8..])
        {
            Mix(ref v0, ref v1, ref v2, ref v3, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        for (var i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        Mix(ref v0, ref v1, ref v2, ref v3, last);
        v2 ^= 0xee;
        Finish(ref v0, ref v1, ref v2, ref v3);
        var first = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        Finish(ref v0, ref v1, ref v2, ref v3);
        return new VectorKey(first, v0 ^ v1 ^ v2 ^ v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3, ulong word)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        for (var i = 0; i < 4; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}

/// <summary>Stands for a space and a text in this process.</summary>
internal readonly record struct VectorKey(ulong First, ulong Second)
{
    // Both halves are random to whoever has not the key of the hash.
    public override int GetHashCode() => (int)First;
}
