using System.Security.Cryptography;
using System.Text;

namespace Sutra.Storage.Encryption.Masters;

/// <summary>
/// The name of a master key, 128 bits: for key bytes a one-way function of them, for a key service a hash of the name it has
/// there. Not secret: it stands in the ring's header and in messages, so that a wrong key is told apart without trying it.
/// </summary>
public readonly record struct MasterKeyId(UInt128 Value)
{
    public const int Size = 16;

    /// <summary>HMAC-SHA-256 under the key itself: says nothing about the key, and two keys with one id are not to be found.</summary>
    public static MasterKeyId OfKey(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, "sutra master key id v1"u8, hash);
        return Read(hash);
    }

    public static MasterKeyId OfName(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("sutra key service v1\n" + name), hash);
        return Read(hash);
    }

    public static MasterKeyId Read(ReadOnlySpan<byte> source) =>
        new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(source));

    public void Write(Span<byte> target) => System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(target, Value);

    /// <summary>32 hex digits.</summary>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
