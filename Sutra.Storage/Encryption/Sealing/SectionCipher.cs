using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Sealing;

/// <summary>
/// The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
/// Misuse-Resistance, 2015) over AES-256-GCM: a key of the section's own, derived as XAES derives a message's, and a nonce per chunk
/// of random prefix, number and whether it is the last. Chunks cannot be swapped, repeated, dropped or cut off. Thread-safe.
/// </summary>
public sealed class SectionCipher : IDisposable
{
    /// <summary>Bytes of plaintext in every chunk but the last, which has 1 to this many (0 in an empty section).</summary>
    public const int ChunkSize = 64 * 1024;

    internal const int HeaderSize = 48;
    internal const int SealedChunkSize = ChunkSize + Xaes256Gcm.TagSize;

    private const uint Version = 1;
    private const int KeyIdOffset = 16;
    private const int RandomOffset = 24;
    private const int PrefixSize = 7;
    private const int RandomSize = Xaes256Gcm.DerivingBytes + PrefixSize;
    private const int NonceSize = 12;

    private readonly SecretBytes _key = new(Xaes256Gcm.KeySize);
    private readonly byte[] _header;
    private readonly byte[] _bound = new byte[HeaderSize + SectionPlace.Size];

    // The BCL's cipher is for one thread at a time; each that reads at once has its own.
    private readonly ConcurrentBag<AesGcm> _ciphers = [];

    private SectionCipher(byte[] header, SectionPlace place, DataKey key)
    {
        _header = header;
        header.CopyTo(_bound, 0);
        place.Write(_bound.AsSpan(HeaderSize));
        key.Cipher.DeriveKey(header.AsSpan(RandomOffset, Xaes256Gcm.DerivingBytes), _key.Span);
    }

    private static ReadOnlySpan<byte> Magic => "SUTRASEC"u8;

    internal ReadOnlySpan<byte> Header => _header;

    /// <summary>Bytes on the disk of a section of so many bytes.</summary>
    public static long SealedLength(long length) => HeaderSize + length + (ChunkCount(length) * Xaes256Gcm.TagSize);

    internal static long ChunkCount(long length) => Math.Max(1, (length + ChunkSize - 1) / ChunkSize);

    /// <summary>Bytes of plaintext in a section of so many on the disk; -1: there is no such section.</summary>
    internal static long PlainLength(long sealedLength)
    {
        var body = sealedLength - HeaderSize;
        var chunks = (body + SealedChunkSize - 1) / SealedChunkSize;
        var length = body - (chunks * Xaes256Gcm.TagSize);
        return body < Xaes256Gcm.TagSize || length < 0 || SealedLength(length) != sealedLength ? -1 : length;
    }

    /// <summary>For a new section: a key of its own.</summary>
    internal static SectionCipher Create(KeyRing ring, ulong keyId, SectionPlace place)
    {
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), ChunkSize);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(KeyIdOffset), keyId);
        RandomNumberGenerator.Fill(header.AsSpan(RandomOffset, RandomSize));
        return Derive(ring, keyId, header, place);
    }

    /// <summary>For a section that is there, from its first 48 bytes.</summary>
    /// <exception cref="SectionCorruptException">No header of a section.</exception>
    /// <exception cref="KeyNotUsableException">Its key is destroyed or unknown.</exception>
    internal static SectionCipher Open(KeyRing ring, byte[] header, SectionPlace place)
    {
        if (!header.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12)) != ChunkSize)
        {
            throw new SectionCorruptException($"Section {place.Section} of file {place.File:N} has no header that this program reads.");
        }

        return Derive(ring, BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(KeyIdOffset)), header, place);
    }

    internal void Seal(long chunk, bool last, ReadOnlySpan<byte> plaintext, Span<byte> target)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        Nonce(chunk, last, nonce);
        var cipher = Rent();
        cipher.Encrypt(nonce, plaintext, target[..plaintext.Length], target.Slice(plaintext.Length, Xaes256Gcm.TagSize), _bound);
        _ciphers.Add(cipher);
    }

    internal bool TryOpen(long chunk, bool last, ReadOnlySpan<byte> source, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        Nonce(chunk, last, nonce);
        var cipher = Rent();
        var opened = cipher.TryDecrypt(nonce, source[..^Xaes256Gcm.TagSize], source[^Xaes256Gcm.TagSize..], plaintext, _bound);
        _ciphers.Add(cipher);
        return opened;
    }

    public void Dispose()
    {
        _key.Dispose();
        while (_ciphers.TryTake(out var cipher))
        {
            cipher.Dispose();
        }
    }

    private static SectionCipher Derive(KeyRing ring, ulong keyId, byte[] header, SectionPlace place)
    {
        var key = ring.Use(keyId);
        try
        {
            return new SectionCipher(header, place, key);
        }
        finally
        {
            key.Release();
        }
    }

    private AesGcm Rent() => _ciphers.TryTake(out var cipher) ? cipher : new AesGcm(_key.Span, Xaes256Gcm.TagSize);

    private void Nonce(long chunk, bool last, Span<byte> nonce)
    {
        _header.AsSpan(RandomOffset + Xaes256Gcm.DerivingBytes, PrefixSize).CopyTo(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[PrefixSize..], checked((uint)chunk));
        nonce[NonceSize - 1] = last ? (byte)1 : (byte)0;
    }
}
