using Microsoft.Extensions.Logging.Abstractions;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Engine;

/// <summary>
/// Concepts, durable and searchable. Every member may be called by any thread at any time; reads never wait for writes.
/// </summary>
public sealed partial class ConceptEngine : IDisposable
{
    private readonly IDisposable? _lock;
    private readonly ConceptState _state;
    private readonly WriteAheadLog _log;
    private readonly Compactor _compactor;
    private readonly SegmentOptions _options;
    private readonly CollectionSeal _seal;
    private readonly ConceptIdentity _identity;
    private readonly TimeProvider _time;
    private readonly StorageTelemetry _telemetry;
    private readonly string _model;
    private readonly int _dimension;
    private readonly IDisposable _observed;
    private int _disposed;

    private ConceptEngine(IDisposable? dataLock, ConceptState state, WriteAheadLog log, Compactor compactor, EngineOptions options, TimeProvider time, StorageTelemetry telemetry)
    {
        _lock = dataLock;
        _state = state;
        _log = log;
        _compactor = compactor;
        _options = options.Segments;
        _seal = options.Seal;
        _identity = options.Identity;
        _model = options.Model;
        _dimension = options.Dimension;
        EfSearch = options.Segments.EfSearch;
        _time = time;
        _telemetry = telemetry;
        _observed = telemetry.Observe(() => Statistics);
    }

    public RecoveryReport Recovery => _log.Recovery;

    /// <summary>Why no write is taken any more; null while they are. Reads go on.</summary>
    public string? Failure => _log.Failure?.Message;

    /// <summary>Candidates that a search keeps in each graph: more find more and take longer.</summary>
    public int EfSearch { get; set; }

    /// <summary>Nothing is on its way from memory into segments, and no segments are to become one.</summary>
    public bool IsSettled => _compactor.IsSettled;

    /// <summary>Takes the data folder for itself, recovers what is in it, and is ready for everything when it returns.</summary>
    /// <exception cref="FileLockedException">Another process has the folder.</exception>
    /// <exception cref="LogCorruptException">The log is damaged in a way that an interrupted write cannot explain.</exception>
    /// <exception cref="SegmentCorruptException">A segment is not what was written.</exception>
    /// <exception cref="IOException">The folder cannot be read or written; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static ConceptEngine Open(IFileSystem files, EngineOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger? logger = null)
    {
        var folder = Path.GetFullPath(options.DataPath);
        files.CreateFolder(folder);
        var dataLock = files.Lock(Path.Combine(folder, "lock"));
        try
        {
            return Open(files, folder, dataLock, options, time, telemetry, logger ?? NullLogger.Instance);
        }
        catch
        {
            dataLock.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Open(IFileSystem, EngineOptions, TimeProvider, StorageTelemetry, ILogger?)"/>, in a folder that nobody else can take.</summary>
    internal static ConceptEngine OpenUnlocked(IFileSystem files, EngineOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger logger)
    {
        var folder = Path.GetFullPath(options.DataPath);
        files.CreateFolder(folder);
        return Open(files, folder, dataLock: null, options, time, telemetry, logger);
    }

    /// <summary>Durable when it returns true. False: there is no such concept.</summary>
    /// <inheritdoc cref="LearnAsync" path="/exception"/>
    public Task<bool> DeleteAsync(ConceptId id, CancellationToken cancellation = default) => RemoveAsync(new PendingDelete(_state, id, Now(id)), cancellation);

    /// <summary>Writes what is on its way, marks the orderly stop and lets go of the folder.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _observed.Dispose();
        _compactor.Stop();
        _log.Dispose();
        _compactor.Dispose();
        _state.Close();
        _lock?.Dispose();
    }

    // What segments hold comes first; the log goes on from there. Only when both agree is anything removed.
    private static ConceptEngine Open(
        IFileSystem files, string folder, IDisposable? dataLock, EngineOptions options, TimeProvider time, StorageTelemetry telemetry, ILogger logger)
    {
        var store = SegmentStore.Open(files, folder, options.Segments, options.Seal);
        var state = new ConceptState(options, store.Found, store.Checkpoint);
        WriteAheadLog? log = null;
        try
        {
            log = WriteAheadLog.Open(files, Path.Combine(folder, "log"), state, options.Log, telemetry, logger, store.Checkpoint, store.LogId);
            state.GroupApplied(log.Recovery.LastSequence);
            if (!options.Quiet)
            {
                store.RemoveLeftovers();
            }

            var compactor = new Compactor(store, state, log, store.Found, options, telemetry, logger);
            return new ConceptEngine(dataLock, state, log, compactor, options, time, telemetry);
        }
        catch
        {
            log?.Dispose();
            state.Close();
            throw;
        }
    }
}
