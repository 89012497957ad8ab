using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sutra.Embedder.PostProcessing;

/// <summary>
/// Vectors in fewer bytes. The forms are those of sentence-transformers' <c>quantize_embeddings</c>, but int8 needs no
/// calibration set: its scale is the vector's own, which cancels out in a cosine.
/// </summary>
internal static class VectorQuantization
{
    private const int Int8Limit = 127;

    /// <summary>Components to a byte.</summary>
    private const int BitsPerByte = 8;

    /// <summary>Bytes of one vector.</summary>
    public static int Size(VectorType type, int dimensions) => type switch
    {
        VectorType.Float32 => dimensions * sizeof(float),
        VectorType.Int8 or VectorType.UInt8 => dimensions,
        _ => (dimensions + BitsPerByte - 1) / BitsPerByte,
    };

    /// <param name="vector">Of any length above zero.</param>
    /// <param name="type">Not <see cref="VectorType.Float32"/>.</param>
    public static byte[] Encode(ReadOnlySpan<float> vector, VectorType type)
    {
        var codes = new byte[Size(type, vector.Length)];
        switch (type)
        {
            case VectorType.Int8:
                ToInt8(vector, MemoryMarshal.Cast<byte, sbyte>(codes.AsSpan()));
                break;
            case VectorType.UInt8:
                ToInt8(vector, MemoryMarshal.Cast<byte, sbyte>(codes.AsSpan()));
                TensorPrimitives.Xor<byte>(codes, 0x80, codes);
                break;
            case VectorType.UBinary:
                ToBits(vector, codes);
                break;
            case VectorType.Binary:
                ToBits(vector, codes);
                TensorPrimitives.Xor<byte>(codes, 0x80, codes);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Floats are not quantised.");
        }

        return codes;
    }

    /// <summary>q = round(127 x / max|x|), half to even.</summary>
    public static void ToInt8(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude(vector));
        var scale = largest > 0 ? Int8Limit / largest : 0;
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i + 64 <= vector.Length; i += 64)
            {
                var part = vector.Slice(i, 64);
                var low = Vector512.Narrow(Rounded512(part, scale), Rounded512(part[16..], scale));
                var high = Vector512.Narrow(Rounded512(part[32..], scale), Rounded512(part[48..], scale));
                Vector512.Narrow(low, high).CopyTo(codes[i..]);
            }
        }

        for (; i + 16 <= vector.Length; i += 16)
        {
            var part = vector.Slice(i, 16);
            var low = Vector128.Narrow(Rounded128(part, scale), Rounded128(part[4..], scale));
            var high = Vector128.Narrow(Rounded128(part[8..], scale), Rounded128(part[12..], scale));
            Vector128.Narrow(low, high).CopyTo(codes[i..]);
        }

        for (; i < vector.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(vector[i] * scale);
        }
    }

    /// <summary>A bit of each component: 1 where it is above 0.</summary>
    public static void ToBits(ReadOnlySpan<float> vector, Span<byte> bits)
    {
        var i = 0;
        for (; i + 32 <= vector.Length; i += 32)
        {
            var mask = Signs(vector[i..])
                | (Signs(vector[(i + 8)..]) << 8)
                | (Signs(vector[(i + 16)..]) << 16)
                | (Signs(vector[(i + 24)..]) << 24);
            BinaryPrimitives.WriteUInt32BigEndian(bits[(i / BitsPerByte)..], ReverseBits(mask));
        }

        if (i == vector.Length)
        {
            return;
        }

        bits[(i / BitsPerByte)..].Clear();
        for (; i < vector.Length; i++)
        {
            bits[i / BitsPerByte] |= (byte)((vector[i] > 0 ? 1 : 0) << (BitsPerByte - 1 - (i % BitsPerByte)));
        }
    }

    private static Vector512<int> Rounded512(ReadOnlySpan<float> part, float scale) =>
        Vector512.ConvertToInt32(Vector512.Round(Vector512.Create(part) * scale));

    private static Vector128<int> Rounded128(ReadOnlySpan<float> part, float scale) =>
        Vector128.ConvertToInt32(Vector128.Round(Vector128.Create(part) * scale));

    private static uint Signs(ReadOnlySpan<float> part) =>
        Vector256.GreaterThan(Vector256.Create(part), Vector256<float>.Zero).ExtractMostSignificantBits();

    private static uint ReverseBits(uint value)
    {
        value = ((value >> 1) & 0x55555555) | ((value & 0x55555555) << 1);
        value = ((value >> 2) & 0x33333333) | ((value & 0x33333333) << 2);
        value = ((value >> 4) & 0x0F0F0F0F) | ((value & 0x0F0F0F0F) << 4);
        return BinaryPrimitives.ReverseEndianness(value);
    }
}
