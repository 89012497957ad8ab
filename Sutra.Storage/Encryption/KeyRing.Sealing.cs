using System.Buffers;
using System.Security.Cryptography;
using Sutra.Storage.Encryption.Ring;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption;

public sealed partial class KeyRing
{
    // Opened keys that stay in memory, about 1 KiB each with the cipher's state. Opening one again takes some 20 us.
    private const int OpenKeys = 16 * 1024;
    private const int MaxStackData = 512;

    /// <summary>Seals a record.</summary>
    /// <param name="associatedData">Binds the record to its place; the same bytes must be given to open it. Kept nowhere.</param>
    /// <param name="destination">At least <see cref="SealedRecord.SealedLength"/> bytes; must not overlap the plaintext.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="KeyNotUsableException">The key is destroyed or unknown.</exception>
    public int Seal(ulong keyId, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> destination)
    {
        var length = SealedRecord.SealedLength(plaintext.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, length, nameof(destination));
        var key = Use(keyId);
        try
        {
            SealedRecord.WriteHeader(destination, keyId);
            var nonce = destination.Slice(SealedRecord.HeaderSize, Xaes256Gcm.NonceSize);
            RandomNumberGenerator.Fill(nonce);
            var ciphertext = destination.Slice(SealedRecord.HeaderSize + Xaes256Gcm.NonceSize, plaintext.Length);
            var tag = destination[(length - Xaes256Gcm.TagSize)..length];
            using var bound = new BoundData(destination[..SealedRecord.HeaderSize], associatedData, stackalloc byte[MaxStackData]);
            key.Cipher.Seal(nonce, plaintext, ciphertext, tag, bound.Span);
        }
        finally
        {
            key.Release();
        }

        return length;
    }

    /// <summary>Opens a record that <see cref="Seal"/> sealed.</summary>
    /// <param name="destination">At least the record's length less <see cref="SealedRecord.Overhead"/>; holds plaintext only when the result is Opened.</param>
    /// <param name="written">Bytes of plaintext.</param>
    public OpenResult TryOpen(ReadOnlySpan<byte> record, ReadOnlySpan<byte> associatedData, Span<byte> destination, out int written)
    {
        written = 0;
        if (!SealedRecord.TryReadKeyId(record, out var keyId))
        {
            return OpenResult.Corrupt;
        }

        var length = record.Length - SealedRecord.Overhead;
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, length, nameof(destination));
        var state = TryUse(keyId, out var key);
        if (state != KeyState.Live)
        {
            return state == KeyState.Destroyed ? OpenResult.Erased : OpenResult.UnknownKey;
        }

        try
        {
            var nonce = record.Slice(SealedRecord.HeaderSize, Xaes256Gcm.NonceSize);
            var ciphertext = record.Slice(SealedRecord.HeaderSize + Xaes256Gcm.NonceSize, length);
            using var bound = new BoundData(record[..SealedRecord.HeaderSize], associatedData, stackalloc byte[MaxStackData]);
            if (!key!.Cipher.TryOpen(nonce, ciphertext, record[^Xaes256Gcm.TagSize..], destination[..length], bound.Span))
            {
                return OpenResult.Corrupt;
            }
        }
        finally
        {
            key!.Release();
        }

        written = length;
        return OpenResult.Opened;
    }

    /// <summary>A key to seal or open with, to be released.</summary>
    /// <exception cref="KeyNotUsableException">It is destroyed or unknown.</exception>
    internal DataKey Use(ulong keyId)
    {
        var state = TryUse(keyId, out var key);
        return state == KeyState.Live ? key! : throw new KeyNotUsableException(keyId, state);
    }

    internal KeyState TryUse(ulong keyId, out DataKey? key)
    {
        if (_open.TryGetValue(keyId, out key) && key.TryUse())
        {
            return KeyState.Live;
        }

        lock (_state)
        {
            key = null;
            var state = _index.State(keyId);
            if (state == KeyState.Live && !(_open.TryGetValue(keyId, out key) && key.TryUse()))
            {
                key = Unwrap(keyId);
            }

            return state;
        }
    }

    // Under _state: a key that is destroyed meanwhile does not come back into the cache.
    private DataKey Unwrap(ulong keyId)
    {
        if (_open.Count >= OpenKeys)
        {
            // Whichever come first: those in use are taken up again at once, the others are what makes the room.
            Forget(_open.Keys.Take(OpenKeys / 4));
        }

        Span<byte> slot = stackalloc byte[RingSlot.Size];
        Span<byte> bytes = stackalloc byte[Xaes256Gcm.KeySize];
        var index = RingSlot.IndexOf(keyId);
        _file.ReadSlots(index, slot);
        if (RingSlot.Id(slot) != keyId || RingSlot.Read(slot, index, _file.Header.RingId, _file.Secrets, bytes) is not (SlotState.Live or SlotState.LiveTornMark))
        {
            throw new KeyRingCorruptException($"Key {keyId:x16} of the ring was damaged on the disk since the start.");
        }

        var key = new DataKey(keyId, bytes);
        CryptographicOperations.ZeroMemory(bytes);
        key.TryUse();
        _open[keyId] = key;
        return key;
    }

    private void Forget(IEnumerable<ulong> keyIds)
    {
        foreach (var keyId in keyIds)
        {
            if (_open.TryRemove(keyId, out var key))
            {
                key.Release();
            }
        }
    }

    // Header and caller's data in one piece, as the cipher wants them.
    private readonly ref struct BoundData : IDisposable
    {
        private readonly byte[]? _rented;

        public BoundData(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, Span<byte> stack)
        {
            var length = header.Length + data.Length;
            var target = length <= stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(length);
            header.CopyTo(target);
            data.CopyTo(target[header.Length..]);
            Span = target[..length];
        }

        public ReadOnlySpan<byte> Span { get; }

        public void Dispose()
        {
            if (_rented is not null)
            {
                ArrayPool<byte>.Shared.Return(_rented);
            }
        }
    }
}
