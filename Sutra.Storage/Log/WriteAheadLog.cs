using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Log;

/// <summary>
/// The write-ahead log with group commit. One thread drains a bounded queue, writes what it found as one group, flushes once,
/// applies the group and only then answers its writers. The first failure is latched: no write is tried after it.
/// </summary>
public sealed partial class WriteAheadLog : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly ILogFollower _follower;
    private readonly LogOptions _options;
    private readonly StorageTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly Channel<PendingRecord> _queue;
    private readonly Guid _logId;
    private readonly uint _seed;
    private readonly Thread _writer;

    // Written by the writer thread only (by the opener before it starts).
    private IStorageFile _active;
    private long _activeLength;
    private ulong _nextSequence;
    private bool _stopMarked;
    private ulong _activeFirst;

    // The segments before the active one, oldest first.
    private readonly Lock _sealedLock = new();
    private readonly List<SealedSegment> _sealed;

    private long _bytes;
    private volatile LogUnavailableException? _failure;

    private WriteAheadLog(IFileSystem files, string folder, ILogFollower follower, LogOptions options, StorageTelemetry telemetry, ILogger logger, RecoveredLog recovered)
    {
        _files = files;
        _folder = folder;
        _follower = follower;
        _options = options;
        _telemetry = telemetry;
        _logger = logger;
        _logId = recovered.LogId;
        _activeFirst = recovered.ActiveFirst;
        _sealed = [.. recovered.Sealed];
        _seed = SegmentHeader.RecordSeed(recovered.LogId);
        _active = recovered.Active;
        _activeLength = recovered.ActiveLength;
        _bytes = recovered.Report.Bytes;
        _nextSequence = recovered.NextSequence;
        _stopMarked = recovered.Report.CleanStop;
        Recovery = recovered.Report;
        _queue = Channel.CreateBounded<PendingRecord>(new BoundedChannelOptions(options.QueueLength)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });
        _writer = new Thread(WriteGroups) { Name = "log writer", IsBackground = true };
    }

    public RecoveryReport Recovery { get; }

    /// <summary>Random, the same for as long as the log lives.</summary>
    public Guid Id => _logId;

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Why no write is taken any more; null while they are.</summary>
    public LogUnavailableException? Failure => _failure;

    /// <summary>Recovers the log in a folder, or starts one there, and opens it for writing.</summary>
    /// <param name="checkpoint">The last record that is kept elsewhere, and not replayed.</param>
    /// <param name="expectedId">The id that the log must have; null when any will do.</param>
    /// <exception cref="LogCorruptException">It cannot be opened without losing what was promised to be kept.</exception>
    public static WriteAheadLog Open(
        IFileSystem files,
        string folder,
        ILogFollower follower,
        LogOptions options,
        StorageTelemetry telemetry,
        ILogger? logger = null,
        ulong checkpoint = 0,
        Guid? expectedId = null)
    {
        var recovered = new LogRecovery(files, folder, follower, checkpoint, expectedId).Run();
        var log = new WriteAheadLog(files, folder, follower, options, telemetry, logger ?? NullLogger.Instance, recovered);
        log._writer.Start();
        return log;
    }

    /// <summary>
    /// Hands a record to the writer; returns when it is queued, waiting for room when the queue is full. What became of it the
    /// record itself is told. Cancellation counts only until it is queued.
    /// </summary>
    /// <exception cref="LogUnavailableException">The log takes no writes.</exception>
    public ValueTask EnqueueAsync(PendingRecord record, CancellationToken cancellation) => EnqueueAsync([record], cancellation);

    /// <summary>As <see cref="EnqueueAsync(PendingRecord, CancellationToken)"/>, for records that go into one group, in their order: they cost one flush.</summary>
    /// <param name="records">At least one.</param>
    public async ValueTask EnqueueAsync(IReadOnlyList<PendingRecord> records, CancellationToken cancellation)
    {
        if (_failure is { } failure)
        {
            throw failure;
        }

        for (var i = records.Count - 1; i >= 0; i--)
        {
            if (records[i].Payload.Length > RecordHeader.MaxPayload)
            {
                throw new ArgumentException($"A record's payload is at most {RecordHeader.MaxPayload} bytes.", nameof(records));
            }

            records[i].Next = i + 1 < records.Count ? records[i + 1] : null;
        }

        var record = records[0];
        if (_queue.Writer.TryWrite(record))
        {
            return;
        }

        try
        {
            await _queue.Writer.WriteAsync(record, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw _failure ?? new LogUnavailableException("Storage is stopping.");
        }
    }

    /// <summary>Lets go of the segments all of whose records are kept elsewhere: those up to <paramref name="checkpoint"/>.</summary>
    public void Trim(ulong checkpoint)
    {
        List<SealedSegment> trimmed;
        lock (_sealedLock)
        {
            var count = 0;
            while (count < _sealed.Count && (count + 1 < _sealed.Count ? _sealed[count + 1].FirstSequence : _activeFirst) <= checkpoint + 1)
            {
                count++;
            }

            trimmed = _sealed.GetRange(0, count);
            _sealed.RemoveRange(0, count);
        }

        foreach (var segment in trimmed)
        {
            _files.Delete(Path.Combine(_folder, SegmentHeader.FileName(segment.FirstSequence)));
            Interlocked.Add(ref _bytes, -segment.Bytes);
        }

        if (trimmed.Count > 0)
        {
            _files.FlushFolder(_folder);
        }
    }

    /// <summary>Takes no more writes until the next start: what is behind the log cannot be kept.</summary>
    public void Fail(Exception cause)
    {
        if (_failure is null)
        {
            Latch(cause);
        }
    }

    /// <summary>Writes what is queued, marks the orderly stop, and closes the files. Later writes are refused.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _writer.Join();
        _active.Dispose();
    }
}
