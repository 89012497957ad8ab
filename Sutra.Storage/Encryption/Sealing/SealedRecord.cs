using System.Buffers.Binary;

namespace Sutra.Storage.Encryption.Sealing;

/// <summary>Form of a sealed record: format (1), key id (8), nonce (24), ciphertext, tag (16). docs/encryption.md has the table.</summary>
public static class SealedRecord
{
    /// <summary>Bytes that sealing adds.</summary>
    public const int Overhead = HeaderSize + Xaes256Gcm.NonceSize + Xaes256Gcm.TagSize;

    internal const byte Format = 1;
    internal const int HeaderSize = 1 + sizeof(ulong);

    public static int SealedLength(int plaintextLength) => checked(plaintextLength + Overhead);

    /// <summary>The key a record was sealed with, unproven until it opens; false: no sealed record of a known format.</summary>
    public static bool TryReadKeyId(ReadOnlySpan<byte> record, out ulong keyId)
    {
        keyId = record.Length < Overhead ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(record[1..]);
        return record.Length >= Overhead && record[0] == Format;
    }

    internal static void WriteHeader(Span<byte> target, ulong keyId)
    {
        target[0] = Format;
        BinaryPrimitives.WriteUInt64LittleEndian(target[1..], keyId);
    }
}
