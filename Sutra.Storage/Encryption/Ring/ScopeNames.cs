using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>Turns names into tags: 128 bits of HMAC-SHA-256 of kind and name, under the ring's name key.</summary>
internal sealed class ScopeNames : IDisposable
{
    private readonly SecretBytes _key;

    public ScopeNames(ReadOnlySpan<byte> key)
    {
        _key = new SecretBytes(key.Length);
        key.CopyTo(_key.Span);
    }

    public ScopeTags Tags(KeyScope scope) => new(
        scope.Kind,
        Tag(KeyKind.Collection, scope.Collection),
        scope.Kind == KeyKind.Collection ? 0 : Tag(scope.Kind, scope.Name));

    public UInt128 Tag(KeyKind kind, string name)
    {
        var bytes = new byte[1 + Encoding.UTF8.GetByteCount(name)];
        bytes[0] = (byte)kind;
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(1));
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key.Span, bytes, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    public void Dispose() => _key.Dispose();
}
