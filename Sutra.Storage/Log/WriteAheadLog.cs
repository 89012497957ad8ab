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

    // Written by the writer thread, read by anybody.
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
        _seed = SegmentHeader.RecordSeed(recovered.LogId);
        _active = recovered.Active;
        _activeLength = recovered.ActiveLength;
        _bytes = recovered.SealedBytes + recovered.ActiveLength;
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

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Why no write is taken any more; null while they are.</summary>
    public LogUnavailableException? Failure => _failure;

    /// <summary>Recovers the log in a folder, or starts one there, and opens it for writing.</summary>
    /// <exception cref="LogCorruptException">It cannot be opened without losing what was promised to be kept.</exception>
    public static WriteAheadLog Open(
        IFileSystem files,
        string folder,
        ILogFollower follower,
        LogOptions options,
        StorageTelemetry telemetry,
        ILogger? logger = null)
    {
        var recovered = new LogRecovery(files, folder, follower).Run();
        var log = new WriteAheadLog(files, folder, follower, options, telemetry, logger ?? NullLogger.Instance, recovered);
        log._writer.Start();
        return log;
    }

    /// <summary>
    /// Hands a record to the writer; returns when it is queued, waiting for room when the queue is full. What became of it the
    /// record itself is told. Cancellation counts only until it is queued.
    /// </summary>
    /// <exception cref="LogUnavailableException">The log takes no writes.</exception>
    public async ValueTask EnqueueAsync(PendingRecord record, CancellationToken cancellation)
    {
        if (_failure is { } failure)
        {
            throw failure;
        }

        if (record.Payload.Length > RecordHeader.MaxPayload)
        {
            throw new ArgumentException($"A record's payload is at most {RecordHeader.MaxPayload} bytes.", nameof(record));
        }

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

    /// <summary>Writes what is queued, marks the orderly stop, and closes the files. Later writes are refused.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _writer.Join();
        _active.Dispose();
    }
}
