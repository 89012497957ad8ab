using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sutra.Storage.Encryption.Ring;

internal enum SlotState
{
    Live,
    Destroyed,

    /// <summary>Marked as destroyed, and its key is still there.</summary>
    DestroyedNotWiped,

    /// <summary>A mark that was being written: the key is whole, and its destruction was never acknowledged.</summary>
    LiveTornMark,

    Invalid,
}

/// <summary>128 bytes of a ring: one data key, or what is left of one. docs/encryption.md has the table.</summary>
internal static class RingSlot
{
    public const int Size = 128;
    public const int MarkSize = 16;

    private const int IdOffset = 16;
    private const int KindOffset = 24;
    private const int CollectionOffset = 32;
    private const int NameOffset = 48;
    private const int NonceOffset = 64;
    private const int KeyOffset = 76;
    private const int TagOffset = 108;
    private const int End = 124;

    // The low bits of a key's id are the number of its slot, from 1. The others are random: after a ring was restored from an
    // older copy, the id of a lost key does not come again by itself, and its records are told as unknown instead of corrupt.
    private const int NumberBits = 40;

    public static ulong NewId(long index) => ((ulong)RandomNumberGenerator.GetInt32(1 << (64 - NumberBits)) << NumberBits) | (ulong)(index + 1);

    /// <summary>The slot that a key with this id is in, if anywhere; -1 for 0.</summary>
    public static long IndexOf(ulong keyId) => (long)(keyId & ((1UL << NumberBits) - 1)) - 1;

    public static ulong Id(ReadOnlySpan<byte> slot) => BinaryPrimitives.ReadUInt64LittleEndian(slot[IdOffset..]);

    public static ScopeTags Tags(ReadOnlySpan<byte> slot) => new(
        (KeyKind)slot[KindOffset],
        BinaryPrimitives.ReadUInt128BigEndian(slot[CollectionOffset..]),
        BinaryPrimitives.ReadUInt128BigEndian(slot[NameOffset..]));

    public static void Write(Span<byte> slot, Guid ringId, ulong keyId, ScopeTags tags, ReadOnlySpan<byte> key, RingSecrets secrets)
    {
        slot[..Size].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(slot[IdOffset..], keyId);
        slot[KindOffset] = (byte)tags.Kind;
        BinaryPrimitives.WriteUInt128BigEndian(slot[CollectionOffset..], tags.Collection);
        BinaryPrimitives.WriteUInt128BigEndian(slot[NameOffset..], tags.Name);
        var nonce = slot[NonceOffset..KeyOffset];
        RandomNumberGenerator.Fill(nonce);
        Span<byte> bound = stackalloc byte[16 + NonceOffset - IdOffset];
        Bound(slot, ringId, bound);
        secrets.Wrap(nonce, key, slot[KeyOffset..TagOffset], slot[TagOffset..End], bound);
    }

    public static void WriteDestroyed(Span<byte> slot, ulong keyId, RingSecrets secrets)
    {
        slot[..Size].Clear();
        secrets.ErasureMark(keyId, slot[..MarkSize]);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[IdOffset..], keyId);
    }

    /// <param name="key">32 bytes; the key when the state is Live or LiveTornMark, else zeros.</param>
    public static SlotState Read(ReadOnlySpan<byte> slot, long index, Guid ringId, RingSecrets secrets, Span<byte> key)
    {
        var keyId = Id(slot);
        if (IndexOf(keyId) != index)
        {
            return SlotState.Invalid;
        }

        var mark = slot[..MarkSize];
        if (!mark.ContainsAnyExcept((byte)0))
        {
            return TryUnwrap(slot, ringId, secrets, key) ? SlotState.Live : SlotState.Invalid;
        }

        Span<byte> expected = stackalloc byte[MarkSize];
        secrets.ErasureMark(keyId, expected);
        if (CryptographicOperations.FixedTimeEquals(mark, expected))
        {
            return slot[KindOffset..Size].ContainsAnyExcept((byte)0) ? SlotState.DestroyedNotWiped : SlotState.Destroyed;
        }

        var written = mark.CommonPrefixLength(expected);
        return written > 0 && !mark[written..].ContainsAnyExcept((byte)0) && TryUnwrap(slot, ringId, secrets, key)
            ? SlotState.LiveTornMark
            : SlotState.Invalid;
    }

    private static bool TryUnwrap(ReadOnlySpan<byte> slot, Guid ringId, RingSecrets secrets, Span<byte> key)
    {
        Span<byte> bound = stackalloc byte[16 + NonceOffset - IdOffset];
        Bound(slot, ringId, bound);
        return !slot[End..Size].ContainsAnyExcept((byte)0)
            && secrets.TryUnwrap(slot[NonceOffset..KeyOffset], slot[KeyOffset..TagOffset], slot[TagOffset..End], key, bound);
    }

    // The ring, and everything in the slot before the nonce but the mark.
    private static void Bound(ReadOnlySpan<byte> slot, Guid ringId, Span<byte> target)
    {
        ringId.TryWriteBytes(target, bigEndian: true, out _);
        slot[IdOffset..NonceOffset].CopyTo(target[16..]);
    }
}
