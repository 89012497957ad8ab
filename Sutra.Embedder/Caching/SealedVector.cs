using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Caching;

/// <summary>
/// How an embedding lies in Redis, since a text can be guessed from its vector: AES-256-GCM over token count (int32), truncated
/// (byte) and the vector (float32s), little-endian, bound to its key; before it the nonce (12 bytes, random) and the tag (16).
/// </summary>
internal static class SealedVector
{
    private const int Nonce = 12;
    private const int Tag = 16;
    private const int Head = sizeof(int) + 1;
    private const double MaxNormError = 0.01;

    public static int SizeOf(int dimensions) => Nonce + Tag + Head + (dimensions * sizeof(float));

    public static byte[] Seal(AesGcm cipher, ReadOnlySpan<byte> key, TextEmbedding embedding)
    {
        var floats = embedding.Values.AsSpan();
        var value = new byte[SizeOf(floats.Length)];
        RandomNumberGenerator.Fill(value.AsSpan(0, Nonce));
        var content = value.AsSpan(Nonce + Tag);
        BinaryPrimitives.WriteInt32LittleEndian(content, embedding.TokenCount);
        content[sizeof(int)] = embedding.Truncated ? (byte)1 : (byte)0;
        for (var i = 0; i < floats.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(content[(Head + (i * sizeof(float)))..], floats[i]);
        }

        cipher.Encrypt(value.AsSpan(0, Nonce), content, content, value.AsSpan(Nonce, Tag), key);
        return value;
    }

    /// <summary>Null for anything that was not sealed for this key, or is not a unit vector of that many dimensions.</summary>
    public static TextEmbedding? Open(AesGcm cipher, ReadOnlySpan<byte> key, byte[]? value, int dimensions)
    {
        if (value?.Length != SizeOf(dimensions))
        {
            return null;
        }

        var content = value.AsSpan(Nonce + Tag);
        try
        {
            cipher.Decrypt(value.AsSpan(0, Nonce), content, value.AsSpan(Nonce, Tag), content, key);
        }
        catch (CryptographicException)
        {
            return null;
        }

        var floats = MemoryMarshal.Cast<byte, float>(content[Head..]).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            var raw = MemoryMarshal.Cast<float, int>(floats.AsSpan());
            BinaryPrimitives.ReverseEndianness(raw, raw);
        }

        var squares = 0.0;
        foreach (var component in floats)
        {
            squares += (double)component * component;
        }

        var tokens = BinaryPrimitives.ReadInt32LittleEndian(content);

        // Not a number fails this, too.
        return tokens > 0 && content[sizeof(int)] <= 1 && Math.Abs(Math.Sqrt(squares) - 1) <= MaxNormError
            ? new TextEmbedding(floats, tokens, content[sizeof(int)] == 1)
            : null;
    }
}
