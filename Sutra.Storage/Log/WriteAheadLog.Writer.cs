using System.Buffers;
using System.Diagnostics;

namespace Sutra.Storage.Log;

// The writer thread: everything here runs on it.
public sealed partial class WriteAheadLog
{
    private readonly List<PendingRecord> _group = [];
    private readonly List<(PendingRecord Record, ulong Sequence)> _written = [];
    private ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    private void WriteGroups()
    {
        while (WaitForRecords())
        {
            TakeGroup();
            try
            {
                Commit();
            }
            catch (Exception e)
            {
                // Whatever went wrong, what the disk holds is not what memory says: nothing may be written on top of it.
                Latch(e);
                FailGroup();
            }
        }

        MarkStop();
    }

    // Blocks: this thread has nothing else to do, and a pool thread must not be lent to fsync.
    private bool WaitForRecords() => _queue.Reader.WaitToReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private void TakeGroup()
    {
        _group.Clear();
        var bytes = 0L;
        while (bytes < _options.MaxBatchBytes && _queue.Reader.TryRead(out var first))
        {
            for (var record = first; record is not null; record = record.Next)
            {
                _group.Add(record);
                bytes += RecordHeader.Size + record.Payload.Length;
            }
        }
    }

    private void Commit()
    {
        if (_failure is not null)
        {
            FailGroup();
            return;
        }

        RotateIfFull();
        Frame();
        if (_written.Count > 0)
        {
            Append(_buffer.WrittenSpan, _written.Count);
            _stopMarked = false;
            foreach (var (record, sequence) in _written)
            {
                record.Apply(sequence);
            }

            _follower.GroupApplied(_nextSequence - 1);
            _telemetry.GroupCommitted(_written.Count);
        }

        foreach (var record in _group)
        {
            record.Complete();
        }
    }

    private void Frame()
    {
        if (_buffer.Capacity > 2 * _options.MaxBatchBytes)
        {
            // After records that were enqueued together: more than a group usually has.
            _buffer = new ArrayBufferWriter<byte>(64 * 1024);
        }

        _buffer.ResetWrittenCount();
        _written.Clear();
        var sequence = _nextSequence;
        foreach (var record in _group)
        {
            if (record.Prepare())
            {
                var length = RecordHeader.Size + record.Payload.Length;
                var frame = _buffer.GetSpan(length)[..length];
                record.Payload.Span.CopyTo(frame[RecordHeader.Size..]);
                RecordHeader.Write(frame, _seed, sequence, (uint)_written.Count, record.Type);
                _buffer.Advance(length);
                _written.Add((record, sequence));
                sequence++;
            }
        }
    }

    private void Append(ReadOnlySpan<byte> group, int records)
    {
        _active.Write(group, _activeLength);
        var started = Stopwatch.GetTimestamp();
        _active.Flush();
        _telemetry.Flushed(Stopwatch.GetElapsedTime(started));
        _activeLength += group.Length;
        _nextSequence += (ulong)records;
        Interlocked.Add(ref _bytes, group.Length);
    }

    private void FailGroup()
    {
        foreach (var record in _group)
        {
            record.Fail(_failure!);
        }
    }

    private void Latch(Exception cause)
    {
        // The disk's own words are for everybody who calls; anything else is a fault of ours, and its words are for the log.
        var reason = cause is IOException or UnauthorizedAccessException ? cause.Message : cause.GetType().Name;
        _failure = new LogUnavailableException($"Storage takes no more writes: {reason}", cause);
        _telemetry.Latched();
        Log.Latched(_logger, cause);
    }

    // Makes everything before it provably durable, so that damage found at the next start is never taken for a torn tail.
    private void MarkStop()
    {
        if (_failure is not null || _stopMarked)
        {
            return;
        }

        try
        {
            AppendMark(RecordType.Stop);
        }
        catch (Exception e)
        {
            Latch(e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(303, LogLevel.Critical, "A write to the log failed: no more writes are taken until the next start")]
        public static partial void Latched(ILogger logger, Exception cause);
    }
}
