using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>Turns names into tags: 128 bits of HMAC-SHA-256 of kind and name, under the ring's name key.</summary>
internal sealed class ScopeNames : IDisposable
{
    private const int KnownCollections = 1024;

    // Every subject's tags need its collection's. Emptied when full.
    private readonly ConcurrentDictionary<string, UInt128> _collections = new(StringComparer.Ordinal);
    private readonly SecretBytes _key;

    public ScopeNames(ReadOnlySpan<byte> key)
    {
        _key = new SecretBytes(key.Length);
        key.CopyTo(_key.Span);
    }

    public ScopeTags Tags(KeyScope scope) => new(
        scope.Kind,
        Collection(scope.Collection),
        scope.Kind == KeyKind.Collection ? 0 : Tag(scope.Kind, scope.Name));

    public UInt128 Collection(string name)
    {
        if (!_collections.TryGetValue(name, out var tag))
        {
            tag = Tag(KeyKind.Collection, name);
            if (_collections.Count >= KnownCollections)
            {
                _collections.Clear();
            }

            _collections[name] = tag;
        }

        return tag;
    }

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
