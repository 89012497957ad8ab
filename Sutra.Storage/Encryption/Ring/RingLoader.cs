using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>
/// Opens a ring's file: every byte is authenticated before one is changed. A refusal changes nothing; repairs are of what an
/// interrupted write explains.
/// </summary>
internal static class RingLoader
{
    private const int SlotsAtOnce = 8192;

    /// <param name="visit">Every slot in order: its number, its 128 bytes, whether its key is destroyed.</param>
    /// <param name="repaired">What was mended or cut off, in words; null when nothing was.</param>
    public static RingFile Open(IFileSystem files, string folder, IMasterKeySource masters, SlotVisitor visit, out string? repaired)
    {
        var path = Path.Combine(folder, RingFile.Name);
        var file = files.Open(path);
        RingSecrets? secrets = null;
        try
        {
            var start = new byte[RingFile.SlotsOffset];
            var length = file.Read(start, 0);
            var header = RingHeader.Read(start.AsSpan(0, length), path, masters, out secrets);
            if (length < start.Length || start.AsSpan(RingHeader.Size + (2 * RingCommit.Size)).ContainsAnyExcept((byte)0))
            {
                throw new KeyRingCorruptException($"Key ring '{path}' is corrupt between its header and its keys.");
            }

            var commit = Newest(start, path, secrets, out var bothCommits);
            // A commit that was damaged may have counted more: slots that authenticate were appended by a holder of the ring key,
            // and are kept whether they were acknowledged or not.
            var present = Math.Max(0, (file.Length - RingFile.SlotsOffset) / RingSlot.Size);
            if (present < (long)commit.Slots)
            {
                throw new KeyRingCorruptException($"Key ring '{path}' is cut short: it holds {present} of {commit.Slots} keys.");
            }

            var ring = new RingFile(file, header, secrets, commit with { Slots = (ulong)present });
            var found = Scan(ring, path, (long)commit.Slots, visit);
            repaired = Repair(files, folder, ring, file, found, commit, bothCommits);
            return ring;
        }
        catch
        {
            secrets?.Dispose();
            file.Dispose();
            throw;
        }
    }

    private static RingCommit Newest(byte[] start, string path, RingSecrets secrets, out bool both)
    {
        var first = RingCommit.TryRead(start.AsSpan((int)RingCommit.Offset(0), RingCommit.Size), secrets, out var even);
        var second = RingCommit.TryRead(start.AsSpan((int)RingCommit.Offset(1), RingCommit.Size), secrets, out var odd);
        both = first && second;
        return (first, second) switch
        {
            (true, true) => even.Sequence > odd.Sequence ? even : odd,
            (true, false) => even,
            (false, true) => odd,
            _ => throw new KeyRingCorruptException($"Key ring '{path}' is corrupt: neither record of its length is whole."),
        };
    }

    private static Found Scan(RingFile ring, string path, long committed, SlotVisitor visit)
    {
        var found = new Found([], []);
        var buffer = new byte[SlotsAtOnce * RingSlot.Size];
        using var key = new SecretBytes(Xaes256Gcm.KeySize);
        for (long first = 0; first < ring.Slots;)
        {
            var count = ring.ReadSlots(first, buffer);
            for (var i = 0; i < count; i++)
            {
                var slot = buffer.AsSpan(i * RingSlot.Size, RingSlot.Size);
                var state = RingSlot.Read(slot, first + i, ring.Header.RingId, ring.Secrets, key.Span);
                if (state == SlotState.Invalid)
                {
                    return first + i >= committed
                        ? found
                        : throw new KeyRingCorruptException($"Key ring '{path}' is corrupt at byte {RingFile.Offset(first + i)} (key {first + i + 1} of {committed}).");
                }

                visit(first + i, slot, state is SlotState.Destroyed or SlotState.DestroyedNotWiped);
                found.Slots++;
                if (state == SlotState.DestroyedNotWiped)
                {
                    found.ToWipe.Add(RingSlot.Id(slot));
                }
                else if (state == SlotState.LiveTornMark)
                {
                    found.TornMarks.Add(first + i);
                }
            }

            first += count;
        }

        return found;
    }

    private static string? Repair(IFileSystem files, string folder, RingFile ring, IStorageFile file, Found found, RingCommit commit, bool bothCommits)
    {
        var repaired = new List<string>();
        if (!bothCommits)
        {
            repaired.Add("a damaged record of its length replaced");
        }

        if (found.ToWipe.Count > 0)
        {
            ring.Wipe(found.ToWipe);
            repaired.Add($"the destruction of {found.ToWipe.Count} keys finished");
        }

        if (found.TornMarks.Count > 0)
        {
            found.TornMarks.ForEach(ring.ClearMark);
            repaired.Add($"the destruction of {found.TornMarks.Count} keys, which had not begun, forgotten");
        }

        if (found.Slots > (long)commit.Slots)
        {
            repaired.Add($"{found.Slots - (long)commit.Slots} keys kept that were written and not counted");
        }

        if (file.Length != RingFile.Offset(found.Slots))
        {
            repaired.Add("an interrupted write cut off");
        }

        if (repaired.Count > 0)
        {
            ring.Settle(found.Slots, commit.Sequence);
        }

        if (files.ListFiles(folder).Contains(RingFile.NewName, StringComparer.Ordinal))
        {
            RingFile.DeleteAside(files, folder);
            repaired.Add("what an interrupted rotation had written removed");
        }

        return repaired.Count == 0 ? null : string.Join("; ", repaired);
    }

    private sealed record Found(List<ulong> ToWipe, List<long> TornMarks)
    {
        public long Slots { get; set; }
    }
}

internal delegate void SlotVisitor(long index, ReadOnlySpan<byte> slot, bool destroyed);
