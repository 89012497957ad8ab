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

    // The BCL's block cipher takes arrays. One set a thread, because pinned memory is dear: it is collected with the oldest objects only.
    [ThreadStatic]
    private static SecretBytes? t_work;

    [ThreadStatic]
    private static Aes? t_aes;

    private readonly Lock _lock = new();
    private readonly ICryptoTransform _blocks;
    private readonly UInt128 _k1;

    /// <param name="key">32 bytes. The only copy that stays is inside the operating system's cipher, which zeroes it.</param>
    public Xaes256Gcm(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize)
        {
            throw new ArgumentException($"A key is {KeySize} bytes.", nameof(key));
        }

        // The cipher reads as many bytes of the array as it has, so the array is exactly a key.
        var work = Work;
        key.CopyTo(work.Span);
        _blocks = BlockCipher.CreateEncryptor(work.Array, null);

        // CMAC's first subkey: the encryption of zero, doubled in GF(2^128).
        work.Span.Clear();
        _blocks.TransformBlock(work.Array, 0, Block, work.Array, 0);
        var l = BinaryPrimitives.ReadUInt128BigEndian(work.Span);
        _k1 = (l << 1) ^ ((l >> 127) * 0x87);
        work.Span.Clear();
    }

    private static SecretBytes Work => t_work ??= new SecretBytes(2 * Block);

    private static Aes BlockCipher
    {
        get
        {
            if (t_aes is null)
            {
                t_aes = Aes.Create();
                t_aes.Mode = CipherMode.ECB;
                t_aes.Padding = PaddingMode.None;
            }

            return t_aes;
        }
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

        var work = Work;
        for (byte counter = 1; counter <= 2; counter++)
        {
            var message = work.Span.Slice((counter - 1) * Block, Block);
            message[0] = 0;
            message[1] = counter;
            message[2] = (byte)'X';
            message[3] = 0;
            firstHalf.CopyTo(message[4..]);
            BinaryPrimitives.WriteUInt128BigEndian(message, BinaryPrimitives.ReadUInt128BigEndian(message) ^ _k1);
        }

        lock (_lock)
        {
            _blocks.TransformBlock(work.Array, 0, 2 * Block, work.Array, 0);
        }

        work.Span.CopyTo(key);
        work.Span.Clear();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _blocks.Dispose();
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
