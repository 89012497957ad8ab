using System.Buffers.Binary;
using System.Security.Cryptography;
using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Log;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>The first 4 KiB of a ring: which master key locks it, and the wrapped secrets. Written once per file. docs/encryption.md has the table.</summary>
internal readonly record struct RingHeader(Guid RingId, MasterKeyId Master)
{
    public const int Size = 4096;
    public const uint Version = 1;
    public const int MaxWrapped = 3072;

    private const int WrappedOffset = 64;
    private const int MacOffset = Size - HMACSHA256.HashSizeInBytes;
    private const int ChecksumOffset = MacOffset - sizeof(uint);
    private const int ContextSize = 8 + 1 + 16 + MasterKeyId.Size;

    private static ReadOnlySpan<byte> Magic => "SUTRAKEY"u8;

    public void Write(Span<byte> target, RingSecrets secrets, IMasterKeySource masters)
    {
        target[..Size].Clear();
        Magic.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Size);
        RingId.TryWriteBytes(target[16..], bigEndian: true, out _);
        Master.Write(target[32..]);
        Span<byte> context = stackalloc byte[ContextSize];
        Context(context);
        var wrapped = masters.Wrap(secrets.Bytes, context);
        if (wrapped.Length > MaxWrapped)
        {
            throw new MasterKeyException($"Master key {Master} wraps into {wrapped.Length} bytes; there is room for {MaxWrapped}.");
        }

        BinaryPrimitives.WriteUInt16LittleEndian(target[48..], (ushort)wrapped.Length);
        wrapped.CopyTo(target[WrappedOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumOffset..], Crc32C.Compute(target[..ChecksumOffset]));
        secrets.Mac(target[..MacOffset], target[MacOffset..Size]);
    }

    /// <summary>Tells damage (the checksum) from a wrong key (the id) before any key is tried.</summary>
    public static RingHeader Read(ReadOnlySpan<byte> source, string path, IMasterKeySource masters, out RingSecrets secrets)
    {
        if (source.Length < Size || !source.StartsWith(Magic))
        {
            throw new KeyRingCorruptException($"'{path}' is not a key ring of Sutra (no header).");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        if (version != Version)
        {
            throw new KeyRingCorruptException($"'{path}' has key ring format {version}; this program reads format {Version}.");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]) != Crc32C.Compute(source[..ChecksumOffset]))
        {
            throw new KeyRingCorruptException($"The header of key ring '{path}' is corrupt (checksum).");
        }

        var header = new RingHeader(new Guid(source.Slice(16, 16), bigEndian: true), MasterKeyId.Read(source[32..]));
        if (!masters.Known.Contains(header.Master))
        {
            throw new WrongMasterKeyException($"Key ring '{path}' is locked with master key {header.Master}; given: {string.Join(", ", masters.Known)}. Nothing was changed.");
        }

        var wrapped = source.Slice(WrappedOffset, Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(source[48..]), MaxWrapped));
        Span<byte> context = stackalloc byte[ContextSize];
        header.Context(context);
        var bytes = new SecretBytes(RingSecrets.Size);
        if (!masters.TryUnwrap(header.Master, wrapped, context, bytes.Span))
        {
            throw new KeyRingCorruptException($"Master key {header.Master} does not open key ring '{path}', which names it: its header was altered.");
        }

        secrets = new RingSecrets(bytes, header.RingId);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        secrets.Mac(source[..MacOffset], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, source[MacOffset..Size]))
        {
            secrets.Dispose();
            throw new KeyRingCorruptException($"The header of key ring '{path}' is corrupt (authentication).");
        }

        return header;
    }

    private void Context(Span<byte> target)
    {
        Magic.CopyTo(target);
        target[8] = (byte)Version;
        RingId.TryWriteBytes(target[9..], bigEndian: true, out _);
        Master.Write(target[25..]);
    }
}
