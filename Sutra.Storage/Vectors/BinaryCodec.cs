namespace Sutra.Storage.Vectors;

/// <summary>A vector as one bit a dimension, its sign. Bits that differ grow with the angle between two vectors (Charikar 2002).</summary>
internal static class BinaryCodec
{
    /// <summary>Bytes of a code, a multiple of eight.</summary>
    public static int Bytes(int dimension) => (dimension + 63) / 64 * 8;

    /// <summary>Bit i of byte i/8 is 1 where the vector is positive; what follows the last dimension is 0.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="code">At least <see cref="Bytes"/> long.</param>
    public static void Encode(ReadOnlySpan<float> vector, Span<byte> code)
    {
        code.Clear();
        for (var i = 0; i < vector.Length; i++)
        {
            if (vector[i] > 0)
            {
                code[i >> 3] |= (byte)(1 << (i & 7));
            }
        }
    }
}
