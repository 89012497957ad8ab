using System.Buffers.Binary;
using System.Security.Cryptography;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>
/// The 64 bytes that a master key wraps, and what is derived from them: the ring key (new at every rotation) seals the data
/// keys and vouches for everything else in the file; the name key (the same for ever) turns names into tags.
/// </summary>
internal sealed class RingSecrets : IDisposable
{
    public const int Size = 64;
    public const int NonceSize = 12;
    public const int TagSize = 16;

    private const int Half = Size / 2;

    // The BCL's ciphers are not for two threads at a time; a rotation unwraps beside readers.
    private readonly Lock _lock = new();
    private readonly SecretBytes _secrets;
    private readonly SecretBytes _macKey = new(Half);
    private readonly AesGcm _wrap;
    private readonly AesGcm _erasure;

    /// <param name="secrets">Taken over.</param>
    public RingSecrets(SecretBytes secrets, Guid ringId)
    {
        _secrets = secrets;
        _wrap = Cipher(ringId, "sutra key ring: wrap"u8);
        _erasure = Cipher(ringId, "sutra key ring: erasure"u8);
        Derive(ringId, "sutra key ring: mac"u8, _macKey.Span);
    }

    public ReadOnlySpan<byte> Bytes => _secrets.Span;

    public ReadOnlySpan<byte> NameKey => _secrets.Span[Half..];

    /// <summary>A fresh ring key beside the same name key.</summary>
    public RingSecrets Renew(Guid ringId)
    {
        var secrets = SecretBytes.Random(Size);
        NameKey.CopyTo(secrets.Span[Half..]);
        return new RingSecrets(secrets, ringId);
    }

    /// <summary>Plain AES-GCM with a random 96-bit nonce: one ring key seals far fewer than 2^32 data keys.</summary>
    public void Wrap(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> key, Span<byte> wrapped, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        lock (_lock)
        {
            _wrap.Encrypt(nonce, key, wrapped, tag, associatedData);
        }
    }

    public bool TryUnwrap(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> tag, Span<byte> key, ReadOnlySpan<byte> associatedData)
    {
        lock (_lock)
        {
            return _wrap.TryDecrypt(nonce, wrapped, tag, key, associatedData);
        }
    }

    /// <summary>What only a holder of the ring key can write over a key: its erasure mark. The nonce is the key's id, used for nothing else.</summary>
    public void ErasureMark(ulong keyId, Span<byte> mark)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, keyId);
        lock (_lock)
        {
            _erasure.Encrypt(nonce, [], [], mark, "erased"u8);
        }
    }

    public void Mac(ReadOnlySpan<byte> data, Span<byte> mac) => HMACSHA256.HashData(_macKey.Span, data, mac);

    public void Dispose()
    {
        _secrets.Dispose();
        _macKey.Dispose();
        _wrap.Dispose();
        _erasure.Dispose();
    }

    private AesGcm Cipher(Guid ringId, ReadOnlySpan<byte> purpose)
    {
        using var key = new SecretBytes(Half);
        Derive(ringId, purpose, key.Span);
        return new AesGcm(key.Span, TagSize);
    }

    private void Derive(Guid ringId, ReadOnlySpan<byte> purpose, Span<byte> key)
    {
        Span<byte> salt = stackalloc byte[16];
        ringId.TryWriteBytes(salt, bigEndian: true, out _);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Bytes[..Half], key, salt, purpose);
    }
}
