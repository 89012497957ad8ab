using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Sealing;

/// <summary>
/// XAES-256-GCM as specified by C2SP (c2sp.org/XAES-256-GCM): a 256-bit key and a 192-bit nonce, of which the first half
/// derives a key for one message (NIST SP 800-108r1 with CMAC, two AES blocks) and the second half is AES-256-GCM's nonce. Random
/// nonces never meet in practice (2^80 messages at a risk of 2^-32), so no counter has to survive a crash. Thread-safe.
/// </summary>
internal sealed class Xaes256Gcm : IDisposable
{
    public const int KeySize = 32;
    public const int NonceSize = 24;
    public const int TagSize = 16;

    /// <summary>Bytes of the nonce that derive the message's key.</summary>
    public const int DerivingBytes = 12;

    private const int Block = 16;

    private readonly Lock _lock = new();
    private readonly Aes _aes;
    private readonly ICryptoTransform _blocks;
    private readonly UInt128 _k1;

    // Two blocks in, two blocks out; guarded by the lock.
    private readonly SecretBytes _work = new(4 * Block);

    /// <param name="key">32 bytes. The only copy that is made is inside the operating system's cipher, which zeroes it.</param>
    public Xaes256Gcm(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
        {
            throw new ArgumentException($"A key is {KeySize} bytes.", nameof(key));
        }

        _aes = Aes.Create();
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        using (var pinned = new SecretBytes(KeySize))
        {
            key.CopyTo(pinned.Span);
            _blocks = _aes.CreateEncryptor(pinned.Array, null);
        }

        // CMAC's first subkey: the encryption of zero, doubled in GF(2^128).
        _blocks.TransformBlock(_work.Array, 0, Block, _work.Array, 2 * Block);
        var l = BinaryPrimitives.ReadUInt128BigEndian(_work.Span[(2 * Block)..]);
        _k1 = (l << 1) ^ ((l >> 127) * 0x87);
    }

    /// <param name="nonce">24 bytes, never used before with this key: random.</param>
    /// <param name="ciphertext">As long as the plaintext; may be the same memory.</param>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData)
    {
        using var gcm = ForMessage(nonce);
        gcm.Encrypt(nonce[DerivingBytes..], plaintext, ciphertext, tag, associatedData);
    }

    /// <summary>False, and zeros in <paramref name="plaintext"/>, when anything of it is not as it was sealed.</summary>
    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        using var gcm = ForMessage(nonce);
        return gcm.TryDecrypt(nonce[DerivingBytes..], ciphertext, tag, plaintext, associatedData);
    }

    /// <summary>The key for messages whose nonces begin with these 12 bytes.</summary>
    public void DeriveKey(ReadOnlySpan<byte> firstHalf, Span<byte> key)
    {
        if (firstHalf.Length != DerivingBytes)
        {
            throw new ArgumentException($"A message's key derives from {DerivingBytes} bytes.", nameof(firstHalf));
        }

        lock (_lock)
        {
            var work = _work.Span;
            for (byte counter = 1; counter <= 2; counter++)
            {
                var message = work.Slice((counter - 1) * Block, Block);
                message[0] = 0;
                message[1] = counter;
                message[2] = (byte)'X';
                message[3] = 0;
                firstHalf.CopyTo(message[4..]);
                BinaryPrimitives.WriteUInt128BigEndian(message, BinaryPrimitives.ReadUInt128BigEndian(message) ^ _k1);
            }

            _blocks.TransformBlock(_work.Array, 0, 2 * Block, _work.Array, 2 * Block);
            work[(2 * Block)..].CopyTo(key);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _blocks.Dispose();
            _aes.Dispose();
            _work.Dispose();
        }
    }

    private AesGcm ForMessage(ReadOnlySpan<byte> nonce)
    {
        Span<byte> key = stackalloc byte[KeySize];
        DeriveKey(nonce[..DerivingBytes], key);
        var gcm = new AesGcm(key, TagSize);
        CryptographicOperations.ZeroMemory(key);
        return gcm;
    }
}
