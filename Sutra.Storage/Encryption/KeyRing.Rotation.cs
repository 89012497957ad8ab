using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Encryption.Ring;
using Sutra.Storage.Encryption.Sealing;

namespace Sutra.Storage.Encryption;

public sealed partial class KeyRing
{
    /// <summary>
    /// Locks the ring with the current master key: a new ring key, every data key wrapped again under it, into a new file that takes
    /// the old one's place at once. No data is touched. A crash leaves a ring that opens with the old or with the new master key.
    /// </summary>
    /// <exception cref="KeyRingException">No room for the new file, or, as <see cref="MasterKeyException"/>, the key cannot wrap: the ring is as it was.</exception>
    /// <exception cref="KeyRingUnavailableException">The disk failed: which of the two files is there is known at the next start.</exception>
    public void RotateMaster(IMasterKeySource masters)
    {
        lock (_writing)
        {
            var replacing = false;
            try
            {
                Change(() => Rotate(masters, () => replacing = true), unchanged: () => !replacing);
            }
            catch (IOException e)
            {
                throw new KeyRingException($"The master key was not rotated: {e.Message} The key ring is as it was.", e);
            }
        }
    }

    private void Rotate(IMasterKeySource masters, Action replacing)
    {
        var old = _file;
        var header = old.Header with { Master = masters.Current };
        var secrets = old.Secrets.Renew(header.RingId);
        RingFile next;
        try
        {
            next = RingFile.Create(_files, _folder, header, secrets, masters, old.Slots, write => Rewrap(old, secrets, write), () =>
            {
                replacing();
                ReleaseName();
            });
        }
        catch
        {
            secrets.Dispose();
            throw;
        }

        lock (_state)
        {
            _file = next;
            NeedsRotation = false;
        }

        Shred(old);
        if (_logger is not null)
        {
            Log.Rotated(_logger, masters.Current, Statistics.Live);
        }
    }

    private static void Rewrap(RingFile old, RingSecrets secrets, Action<ReadOnlySpan<byte>> write)
    {
        var buffer = new byte[SlotsAtOnce * RingSlot.Size];
        using var key = new SecretBytes(Xaes256Gcm.KeySize);
        for (long first = 0; first < old.Slots;)
        {
            var count = old.ReadSlots(first, buffer);
            for (var i = 0; i < count; i++)
            {
                var slot = buffer.AsSpan(i * RingSlot.Size, RingSlot.Size);
                var keyId = RingSlot.Id(slot);
                switch (RingSlot.Read(slot, first + i, old.Header.RingId, old.Secrets, key.Span))
                {
                    case SlotState.Live:
                        RingSlot.Write(slot, old.Header.RingId, keyId, RingSlot.Tags(slot), key.Span, secrets);
                        break;
                    case SlotState.Destroyed:
                        RingSlot.WriteDestroyed(slot, keyId, secrets);
                        break;
                    default:
                        throw new KeyRingCorruptException($"Key {keyId:x16} of the ring was damaged on the disk since the start; the ring is as it was.");
                }
            }

            write(buffer.AsSpan(0, count * RingSlot.Size));
            first += count;
        }
    }

    // Windows gives no open file's name away.
    private void ReleaseName()
    {
        if (OperatingSystem.IsWindows())
        {
            lock (_state)
            {
                _file.Release();
            }
        }
    }

    private void Shred(RingFile old)
    {
        try
        {
            old.Shred();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            if (_logger is not null)
            {
                Log.NotShredded(_logger, e);
            }
        }
        finally
        {
            old.Dispose();
        }
    }
}
