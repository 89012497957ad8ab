namespace Sutra.Storage.Log;

public sealed partial class WriteAheadLog
{
    // First the new segment, then the seal that says it exists: a sealed segment without a successor is a lost file, and
    // a successor without a seal before it is a stop in between, which recovery completes. The first group in the new
    // segment follows only after both are on the disk.
    private void RotateIfFull()
    {
        if (_activeLength < _options.SegmentBytes)
        {
            return;
        }

        var first = _nextSequence + 1;
        var next = LogRecovery.CreateSegment(_files, _folder, new SegmentHeader(_logId, first));
        try
        {
            AppendMark(RecordType.Seal);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        lock (_sealedLock)
        {
            _sealed.Add(new SealedSegment(_activeFirst, _activeLength));
            _activeFirst = first;
        }

        _active.Dispose();
        _active = next;
        _activeLength = SegmentHeader.Size;
        Interlocked.Add(ref _bytes, SegmentHeader.Size);
    }

    // A record without payload, in a group of its own.
    private void AppendMark(RecordType type)
    {
        Span<byte> mark = stackalloc byte[RecordHeader.Size];
        RecordHeader.Write(mark, _seed, _nextSequence, groupPosition: 0, type);
        Append(mark, records: 1);
    }
}
