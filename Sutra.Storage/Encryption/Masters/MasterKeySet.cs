using System.Security.Cryptography;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption.Masters;

/// <summary>Master keys whose bytes this process has: they wrap by XAES-256-GCM.</summary>
public sealed class MasterKeySet : IMasterKeySource
{
    public const int KeySize = 32;

    private readonly Dictionary<MasterKeyId, Xaes256Gcm> _keys = [];

    /// <param name="current">32 bytes, copied into the cipher; the caller zeroes its own.</param>
    public MasterKeySet(ReadOnlySpan<byte> current) => Current = Add(current);

    public MasterKeyId Current { get; }

    public IReadOnlyList<MasterKeyId> Known => [Current, .. _keys.Keys.Where(id => id != Current)];

    /// <summary>A key that only unwraps. Before the set is used.</summary>
    public MasterKeySet WithOlder(ReadOnlySpan<byte> key)
    {
        Add(key);
        return this;
    }

    public byte[] Wrap(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context)
    {
        var wrapped = new byte[Xaes256Gcm.NonceSize + secret.Length + Xaes256Gcm.TagSize];
        var nonce = wrapped.AsSpan(0, Xaes256Gcm.NonceSize);
        RandomNumberGenerator.Fill(nonce);
        _keys[Current].Seal(nonce, secret, wrapped.AsSpan(nonce.Length, secret.Length), wrapped.AsSpan(nonce.Length + secret.Length), context);
        return wrapped;
    }

    public bool TryUnwrap(MasterKeyId id, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context, Span<byte> secret) =>
        _keys.TryGetValue(id, out var key)
        && wrapped.Length == Xaes256Gcm.NonceSize + secret.Length + Xaes256Gcm.TagSize
        && key.TryOpen(wrapped[..Xaes256Gcm.NonceSize], wrapped.Slice(Xaes256Gcm.NonceSize, secret.Length), wrapped[^Xaes256Gcm.TagSize..], secret, context);

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }

        _keys.Clear();
    }

    public override string ToString() => $"{_keys.Count} master keys";

    private MasterKeyId Add(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
        {
            throw new MasterKeyException($"A master key is {KeySize} bytes.");
        }

        var id = MasterKeyId.OfKey(key);
        if (!_keys.ContainsKey(id))
        {
            _keys.Add(id, new Xaes256Gcm(key));
        }

        return id;
    }
}
