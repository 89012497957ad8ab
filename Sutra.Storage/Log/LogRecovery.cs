using System.Globalization;
using Sutra.Storage.Files;

namespace Sutra.Storage.Log;

/// <summary>What recovery found and did.</summary>
/// <param name="Records">Replayed, marks included.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="Bytes">Of log kept.</param>
/// <param name="CutBytes">Of a torn tail that was cut off; 0 when the log ended cleanly.</param>
/// <param name="CleanStop">The log ended with the mark of an orderly stop, or is empty.</param>
/// <param name="LastSequence">Of the last record there is; 0 when there is none.</param>
public sealed record RecoveryReport(long Records, int Segments, long Bytes, long CutBytes, bool CleanStop, ulong LastSequence);

/// <summary>An open last segment and where writing goes on.</summary>
internal sealed record RecoveredLog(
    Guid LogId, IStorageFile Active, ulong ActiveFirst, long ActiveLength, IReadOnlyList<SealedSegment> Sealed, ulong NextSequence, RecoveryReport Report);

/// <summary>A segment that takes no more records.</summary>
internal readonly record struct SealedSegment(ulong FirstSequence, long Bytes);

/// <summary>
/// Opens a log: verifies every segment, replays every record, cuts a torn tail off the last segment, and refuses anything that
/// an interrupted write cannot explain. docs/storage.md, "Recovery", has the order.
/// </summary>
/// <param name="checkpoint">The last record that is kept elsewhere: the log may begin after it, and it and those before it are not replayed.</param>
/// <param name="expectedLog">The id the log must have; null when nothing is known of it.</param>
internal sealed class LogRecovery(IFileSystem files, string folder, ILogFollower follower, ulong checkpoint = 0, Guid? expectedLog = null)
{
    private const string Extension = ".log";
    private const string AsideExtension = ".new";

    private readonly List<SealedSegment> _sealed = [];
    private long _records;
    private long _cutBytes;
    private RecordType? _lastType;

    public RecoveredLog Run()
    {
        files.CreateFolder(folder);
        var all = List();

        // Those wholly behind the checkpoint would have been let go: what became of them does not matter.
        var kept = Math.Max(all.FindLastIndex(path => FirstSequence(path) <= checkpoint + 1), 0);
        var segments = all.GetRange(kept, all.Count - kept);
        if (segments.Count == 0)
        {
            if (checkpoint > 0)
            {
                throw new LogCorruptException($"The log in '{folder}' is missing: it must go on after record {Number(checkpoint)}.");
            }

            var id = Guid.NewGuid();
            var first = CreateSegment(files, folder, new SegmentHeader(id, FirstSequence: 1));
            return new RecoveredLog(id, first, ActiveFirst: 1, SegmentHeader.Size, [], NextSequence: 1,
                new RecoveryReport(0, Segments: 1, SegmentHeader.Size, CutBytes: 0, CleanStop: true, LastSequence: 0));
        }

        var logId = expectedLog;
        var next = default(ulong?);
        for (var i = 0; ; i++)
        {
            var last = i == segments.Count - 1;
            var file = files.Open(segments[i]);
            try
            {
                var header = ReadHeader(file, logId, segments[i], next);
                logId = header.LogId;
                var after = ReplaySegment(file, header, last, i == segments.Count - 2 ? EmptySuccessorStart(segments[^1]) : null);
                if (last)
                {
                    // What a killed process wrote but did not flush is read here from memory: it is served, so it must be durable.
                    file.Flush();
                    if (after <= checkpoint)
                    {
                        throw new LogCorruptException($"'{file.Path}' ends before record {Number(after)}, but records up to {Number(checkpoint)} were acknowledged and moved on from it.");
                    }

                    all.GetRange(0, kept).ForEach(files.Delete);
                    files.FlushFolder(folder);
                    var clean = _cutBytes == 0 && _lastType is null or RecordType.Stop;
                    var report = new RecoveryReport(_records, segments.Count, _sealed.Sum(segment => segment.Bytes) + file.Length, _cutBytes, clean, after - 1);
                    return new RecoveredLog(header.LogId, file, header.FirstSequence, file.Length, _sealed, after, report);
                }

                if (i == segments.Count - 2)
                {
                    // Its seal may have been written and not flushed when the process ended: what follows relies on it from now on.
                    file.Flush();
                }

                _sealed.Add(new SealedSegment(header.FirstSequence, file.Length));
                next = after;
            }
            catch
            {
                file.Dispose();
                throw;
            }

            file.Dispose();
        }
    }

    /// <summary>Written aside, flushed, renamed, and its name flushed: a segment is there whole or not at all.</summary>
    public static IStorageFile CreateSegment(IFileSystem files, string folder, SegmentHeader header)
    {
        var path = Path.Combine(folder, SegmentHeader.FileName(header.FirstSequence));
        var aside = path + AsideExtension;
        using (var file = files.Create(aside))
        {
            Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
            header.Write(bytes);
            file.Write(bytes, 0);
            file.Flush();
        }

        files.Rename(aside, path);
        files.FlushFolder(folder);
        return files.Open(path);
    }

    private List<string> List()
    {
        var paths = new List<string>();
        foreach (var name in files.ListFiles(folder))
        {
            var path = Path.Combine(folder, name);
            if (name.EndsWith(AsideExtension, StringComparison.Ordinal))
            {
                files.Delete(path);
            }
            else if (name.EndsWith(Extension, StringComparison.Ordinal))
            {
                paths.Add(path);
            }
        }

        return paths;
    }

    // Of its name; the header has to agree with it.
    private static ulong FirstSequence(string path) =>
        ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var first) ? first : ulong.MaxValue;

    private ulong? EmptySuccessorStart(string path)
    {
        using var file = files.Open(path);
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        return file.Length == SegmentHeader.Size ? SegmentHeader.Read(bytes[..file.Read(bytes, 0)], path).FirstSequence : null;
    }

    // The first segment there is may begin anywhere up to the record after the checkpoint: those before it were let go.
    private SegmentHeader ReadHeader(IStorageFile file, Guid? logId, string path, ulong? next)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        var header = SegmentHeader.Read(bytes[..file.Read(bytes, 0)], path);
        if (logId is not null && header.LogId != logId)
        {
            throw new LogCorruptException($"'{path}' belongs to another log than what is kept before it.");
        }

        if (Path.GetFileName(path) != SegmentHeader.FileName(header.FirstSequence))
        {
            throw new LogCorruptException($"'{path}' was renamed: its header says {SegmentHeader.FileName(header.FirstSequence)}.");
        }

        if (next is { } expected ? header.FirstSequence != expected : header.FirstSequence > checkpoint + 1)
        {
            throw new LogCorruptException($"A segment is missing before '{path}': it starts at record {Number(header.FirstSequence)}, what is kept so far ends before {Number(next ?? checkpoint + 1)}.");
        }

        return header;
    }

    // Returns the sequence number after the segment's last record.
    private ulong ReplaySegment(IStorageFile file, SegmentHeader header, bool last, ulong? emptySuccessorStart)
    {
        var seed = SegmentHeader.RecordSeed(header.LogId);
        using var reader = new SegmentReader(file, seed, header.FirstSequence);
        var isSealed = false;
        while (true)
        {
            var outcome = reader.Read(out var record, out var payload);
            if (outcome == ReadOutcome.Record && !isSealed)
            {
                Replay(file, reader, record, payload);
                isSealed = record.Type == RecordType.Seal;
                continue;
            }

            if (outcome == ReadOutcome.End && isSealed != last)
            {
                return reader.NextSequence;
            }

            if (isSealed)
            {
                throw last && outcome == ReadOutcome.End
                    ? new LogCorruptException($"A segment is missing after '{file.Path}', which is sealed.")
                    : Damage(file, reader, "bytes after the seal");
            }

            // Only the last group can be torn. It is in the last segment, or it is the seal of the one before, when the stop
            // came between making the new segment and sealing the old one.
            var sealIsAllThatLacks = reader.NextSequence + 1 == emptySuccessorStart;
            if (!(last || sealIsAllThatLacks) || (outcome == ReadOutcome.Damaged && reader.DamageWasDurable()))
            {
                throw Damage(file, reader, outcome == ReadOutcome.End ? "no seal, although a segment follows" : "a record fails its checksum or is out of sequence");
            }

            if (reader.NextSequence <= checkpoint)
            {
                throw Damage(file, reader, "it ends before what was kept elsewhere");
            }

            Cut(file, reader);
            return last ? reader.NextSequence : Seal(file, seed, reader);
        }
    }

    private void Replay(IStorageFile file, SegmentReader reader, RecordHeader record, ReadOnlySpan<byte> payload)
    {
        _lastType = record.Type;
        if (record.Sequence <= checkpoint)
        {
            return;
        }

        try
        {
            follower.Replay(record.Type, record.Sequence, payload);
        }
        catch (InvalidDataException e)
        {
            throw new LogCorruptException($"'{file.Path}', record {Number(record.Sequence)} before offset {Number((ulong)reader.Offset)}: {e.Message}");
        }

        _records++;
    }

    private void Cut(IStorageFile file, SegmentReader reader)
    {
        if (reader.Remaining > 0)
        {
            _cutBytes += reader.Remaining;
            file.Truncate(reader.Offset);
            file.Flush();
        }
    }

    private ulong Seal(IStorageFile file, uint seed, SegmentReader reader)
    {
        Span<byte> seal = stackalloc byte[RecordHeader.Size];
        RecordHeader.Write(seal, seed, reader.NextSequence, groupPosition: 0, RecordType.Seal);
        file.Write(seal, reader.Offset);
        file.Flush();
        _records++;
        _lastType = RecordType.Seal;
        return reader.NextSequence + 1;
    }

    private static LogCorruptException Damage(IStorageFile file, SegmentReader reader, string what) =>
        new($"'{file.Path}' is corrupt at offset {Number((ulong)reader.Offset)}, record {Number(reader.NextSequence)}: {what}. Nothing was changed.");

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
