using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>
/// How many slots of a ring are valid: two places of 512 bytes, written in turn. Without it a damaged last slot would look like an
/// append that was never acknowledged, and an acknowledged key would be dropped in silence.
/// </summary>
internal readonly record struct RingCommit(ulong Sequence, ulong Slots)
{
    public const int Size = 512;

    private const int Fields = 16;
    private const int MacSize = HMACSHA256.HashSizeInBytes;

    public static long Offset(ulong sequence) => RingHeader.Size + ((long)(sequence % 2) * Size);

    public void Write(Span<byte> target, RingSecrets secrets)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Slots);
        secrets.Mac(target[..Fields], target.Slice(Fields, MacSize));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, RingSecrets secrets, out RingCommit commit)
    {
        commit = new RingCommit(BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[8..]));
        Span<byte> mac = stackalloc byte[MacSize];
        secrets.Mac(source[..Fields], mac);
        return CryptographicOperations.FixedTimeEquals(mac, source.Slice(Fields, MacSize)) && !source[(Fields + MacSize)..Size].ContainsAnyExcept((byte)0);
    }
}
