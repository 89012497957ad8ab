using System.Buffers;
using Sutra.Storage.Files;

namespace Sutra.Storage.Log;

internal enum ReadOutcome
{
    Record,

    /// <summary>The file ends where a record would start.</summary>
    End,

    /// <summary>There are bytes that are no record, or not the next one.</summary>
    Damaged,
}

/// <summary>Reads a segment's records in order, each verified before it is handed out.</summary>
internal sealed class SegmentReader(IStorageFile file, uint seed, ulong nextSequence) : IDisposable
{
    private const int WindowSize = 1024 * 1024;

    private readonly long _length = file.Length;
    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowSize);
    private long _windowStart = SegmentHeader.Size;
    private int _windowLength;

    /// <summary>Where the next record starts, or where the damage does.</summary>
    public long Offset { get; private set; } = SegmentHeader.Size;

    public ulong NextSequence { get; private set; } = nextSequence;

    /// <summary>Bytes from <see cref="Offset"/> to the end of the file.</summary>
    public long Remaining => _length - Offset;

    /// <summary>The payload is valid until the next call.</summary>
    public ReadOutcome Read(out RecordHeader header, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        header = default;
        if (Remaining <= 0)
        {
            return ReadOutcome.End;
        }

        if (!RecordHeader.TryRead(View(RecordHeader.Size), out header) || header.Sequence != NextSequence || header.Length > Remaining)
        {
            return ReadOutcome.Damaged;
        }

        var record = View(header.Length);
        if (!header.Matches(record, seed))
        {
            return ReadOutcome.Damaged;
        }

        payload = record[RecordHeader.Size..];
        Offset += header.Length;
        NextSequence++;
        return ReadOutcome.Record;
    }

    /// <summary>
    /// After damage: whether the record that should be here was once on the disk. It was when any later record belongs to a
    /// later group, because a group is written only after the one before it was flushed.
    /// </summary>
    public bool DamageWasDurable()
    {
        var tail = new byte[Remaining];
        var length = file.Read(tail, Offset);
        for (var at = 1; at <= length - RecordHeader.Size; at++)
        {
            var rest = tail.AsSpan(at, length - at);
            if (RecordHeader.TryRead(rest, out var header)
                && header.GroupStart > NextSequence
                && header.Length <= rest.Length
                && header.Matches(rest[..header.Length], seed))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
    }

    // Up to `count` bytes at Offset; fewer at the end of the file.
    private ReadOnlySpan<byte> View(int count)
    {
        var skip = (int)(Offset - _windowStart);
        if (_windowLength - skip < count)
        {
            var kept = Math.Max(_windowLength - skip, 0);
            var target = count <= _window.Length ? _window : ArrayPool<byte>.Shared.Rent(count);
            _window.AsSpan(skip, kept).CopyTo(target);
            if (target != _window)
            {
                ArrayPool<byte>.Shared.Return(_window);
                _window = target;
            }

            _windowStart = Offset;
            _windowLength = kept + file.Read(_window.AsSpan(kept), Offset + kept);
            skip = 0;
        }

        return _window.AsSpan(skip, Math.Min(count, _windowLength - skip));
    }
}
