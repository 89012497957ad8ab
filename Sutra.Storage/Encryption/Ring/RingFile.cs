using Sutra.Storage.Encryption.Masters;
using Sutra.Storage.Files;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>The ring's file: header, two commits, slots. One writer; slots may be read beside it.</summary>
internal sealed class RingFile(IStorageFile file, RingHeader header, RingSecrets secrets, RingCommit commit) : IDisposable
{
    public const string Name = "ring";
    public const string NewName = "ring.new";
    public const int SlotsOffset = 8192;

    private RingCommit _commit = commit;

    public RingHeader Header => header;

    public RingSecrets Secrets => secrets;

    public long Slots => (long)_commit.Slots;

    public long Bytes => SlotsOffset + (Slots * RingSlot.Size);

    public static long Offset(long slot) => SlotsOffset + (slot * RingSlot.Size);

    /// <summary>Slots from <paramref name="first"/> on, as many as there are and fit; the count.</summary>
    public int ReadSlots(long first, Span<byte> target)
    {
        var count = (int)Math.Min(target.Length / RingSlot.Size, Slots - first);
        var bytes = target[..(count * RingSlot.Size)];
        return file.Read(bytes, Offset(first)) == bytes.Length ? count : throw Cut();
    }

    /// <summary>Durable when it returns: slots first, then the number that says they count.</summary>
    public void Append(ReadOnlySpan<byte> slots)
    {
        file.Write(slots, Offset(Slots));
        file.Flush();
        Commit(Slots + (slots.Length / RingSlot.Size));
    }

    public void Commit(long slots)
    {
        Span<byte> buffer = stackalloc byte[RingCommit.Size];
        var next = new RingCommit(_commit.Sequence + 1, (ulong)slots);
        next.Write(buffer, secrets);
        file.Write(buffer, RingCommit.Offset(next.Sequence));
        file.Flush();
        _commit = next;
    }

    /// <summary>
    /// Durable when it returns. First the marks, then zeros over the keys: a slot with its mark is destroyed whatever else is
    /// left of it, and one without still has its key whole.
    /// </summary>
    public void Destroy(IReadOnlyList<ulong> keyIds)
    {
        Span<byte> slot = stackalloc byte[RingSlot.Size];
        foreach (var keyId in keyIds)
        {
            secrets.ErasureMark(keyId, slot[..RingSlot.MarkSize]);
            file.Write(slot[..RingSlot.MarkSize], Offset(RingSlot.IndexOf(keyId)));
        }

        file.Flush();
        Wipe(keyIds);
    }

    public void Wipe(IReadOnlyList<ulong> keyIds)
    {
        Span<byte> slot = stackalloc byte[RingSlot.Size];
        foreach (var keyId in keyIds)
        {
            RingSlot.WriteDestroyed(slot, keyId, secrets);
            file.Write(slot, Offset(RingSlot.IndexOf(keyId)));
        }

        file.Flush();
    }

    public void ClearMark(long slot) => file.Write(new byte[RingSlot.MarkSize], Offset(slot));

    /// <summary>After repairs: the file as long as its slots, and both commits good.</summary>
    public void Settle(long slots, ulong sequence)
    {
        _commit = new RingCommit(sequence, (ulong)slots);
        if (file.Length > Bytes)
        {
            file.Truncate(Bytes);
        }

        file.Flush();
        Commit(slots);
        Commit(slots);
    }

    /// <summary>Makes the wrapped secrets of a file that has been replaced unreadable: a file system may keep its blocks for long.</summary>
    public void Shred()
    {
        file.Write(new byte[RingHeader.Size], 0);
        file.Flush();
    }

    public KeyRingCorruptException Cut() => new($"Key ring '{file.Path}' is cut short: {Slots} slots were committed.");

    /// <summary>Closes the file; the secrets stay.</summary>
    public void Release() => file.Dispose();

    public void Dispose()
    {
        secrets.Dispose();
        file.Dispose();
    }

    /// <summary>Writes a whole ring aside, puts it in its place and opens it there.</summary>
    /// <param name="write">Calls back with slots in order.</param>
    /// <param name="replacing">Called when all is written and flushed, just before the name changes hands.</param>
    public static RingFile Create(IFileSystem files, string folder, RingHeader header, RingSecrets secrets, IMasterKeySource masters, long slots, Action<Action<ReadOnlySpan<byte>>> write, Action? replacing = null)
    {
        var aside = Path.Combine(folder, NewName);
        DeleteAside(files, folder);
        var commit = new RingCommit(2, (ulong)slots);
        var start = new byte[SlotsOffset];
        header.Write(start, secrets, masters);
        (commit with { Sequence = 1 }).Write(start.AsSpan((int)RingCommit.Offset(1)), secrets);
        commit.Write(start.AsSpan((int)RingCommit.Offset(2)), secrets);
        using (var file = files.Create(aside))
        {
            file.Write(start, 0);
            var offset = (long)SlotsOffset;
            write(bytes =>
            {
                file.Write(bytes, offset);
                offset += bytes.Length;
            });
            file.Flush();
        }

        replacing?.Invoke();
        var path = Path.Combine(folder, Name);
        files.Rename(aside, path);
        files.FlushFolder(folder);
        return new RingFile(files.Open(path), header, secrets, commit);
    }

    /// <summary>What an interrupted rotation left: it holds every key, so it is overwritten before it goes.</summary>
    public static void DeleteAside(IFileSystem files, string folder)
    {
        if (!files.ListFiles(folder).Contains(NewName, StringComparer.Ordinal))
        {
            return;
        }

        var path = Path.Combine(folder, NewName);
        using (var file = files.Open(path))
        {
            var zeros = new byte[64 * 1024];
            for (long offset = 0, length = file.Length; offset < length; offset += zeros.Length)
            {
                file.Write(zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - offset)), offset);
            }

            file.Flush();
        }

        files.Delete(path);
        files.FlushFolder(folder);
    }
}
