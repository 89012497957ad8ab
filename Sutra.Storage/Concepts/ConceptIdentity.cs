using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sutra.Storage.Concepts;

/// <summary>
/// From content to id: the first 64 bits of SHA-256(content), or of SHA-256(content, salt as 4 bytes) when another content has
/// that id. Fewer bits make collisions, for tests.
/// </summary>
public sealed class ConceptIdentity(int bits = 64)
{
    private readonly ulong _mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;

    public ConceptId Id(ReadOnlySpan<byte> content, uint salt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (salt == 0)
        {
            SHA256.HashData(content, hash);
        }
        else
        {
            Span<byte> suffix = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(suffix, salt);
            using var salted = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            salted.AppendData(content);
            salted.AppendData(suffix);
            salted.GetHashAndReset(hash);
        }

        return Mask(ConceptId.FromBytes(hash));
    }

    /// <summary>The unsalted id, and 128 further bits of the hash by which equal contents are known.</summary>
    public ContentKey Key(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return new ContentKey(Mask(ConceptId.FromBytes(hash)), BinaryPrimitives.ReadUInt128BigEndian(hash[sizeof(ulong)..]));
    }

    private ConceptId Mask(ConceptId id) => new(id.Value & _mask);
}

public readonly record struct ContentKey(ConceptId Id, UInt128 Check);
