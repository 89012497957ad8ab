using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lifetime;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage.Engine;

/// <summary>
/// Moves concepts from memory into segments, and makes few segments of many, while reads and writes go on. One thread does the first, another
/// the second: a merge may take minutes, and memory must not fill up meanwhile.
/// </summary>
internal sealed partial class Compactor : IDisposable
{
    private readonly SegmentStore _store;
    private readonly ConceptState _state;
    private readonly WriteAheadLog _log;
    private readonly SegmentOptions _options;
    private readonly StorageTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim? _merging;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _flusher;
    private readonly Thread _merger;
    private readonly bool _quiet;

    // Held from before the manifest is written until searches use what it says.
    private readonly Lock _commit = new();
    private readonly AutoResetEvent _flushWanted = new(initialState: false);
    private readonly AutoResetEvent _mergeWanted = new(initialState: true);
    private (MemoryTable Table, ulong Sequence)? _frozen;
    private IReadOnlyList<Segment> _segments;
    private volatile bool _settled;

    // Merger only: segments that a merge could not read. Reads of what is whole in them go on.
    private readonly HashSet<ulong> _damaged = [];

    /// <param name="segments">What the state begins with.</param>
    public Compactor(
        SegmentStore store, ConceptState state, WriteAheadLog log, IReadOnlyList<Segment> segments, EngineOptions options, StorageTelemetry telemetry, ILogger logger)
    {
        _store = store;
        _state = state;
        _log = log;
        _segments = segments;
        _options = options.Segments;
        _merging = options.Merging;
        _telemetry = telemetry;
        _logger = logger;
        state.Full = (table, sequence) =>
        {
            _settled = false;
            _frozen = (table, sequence);
            _flushWanted.Set();
        };
        _flusher = new Thread(() =>
        {
            BackgroundThread.GiveWay();
            Run(FlushAll);
        }) { Name = "segment flusher", IsBackground = true };
        _merger = new Thread(() =>
        {
            BackgroundThread.GiveWay();
            Run(MergeAll);
        }) { Name = "segment merger", IsBackground = true };
        _quiet = options.Quiet;
        if (!_quiet)
        {
            _flusher.Start();
            _merger.Start();
        }
    }

    /// <summary>Nothing is left to do, be it because nobody wrote for a while.</summary>
    public bool IsSettled => _settled;

    /// <summary>Gives up what is under way: nothing of it is lost, the next start finds it in the log or in the segments as they were.</summary>
    public void Stop()
    {
        _stop.Cancel();
        if (!_quiet)
        {
            _flusher.Join();
            _merger.Join();
        }
    }

    /// <summary>After the log: its last group may still want a checkpoint.</summary>
    public void Dispose()
    {
        _flushWanted.Dispose();
        _mergeWanted.Dispose();
        _stop.Dispose();
    }

    private void Run(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when ((_stop.IsCancellationRequested && e is OperationCanceledException) || e is LogUnavailableException)
        {
            // Stopping, or nothing is written any more: what was begun is begun again by the next start.
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e);
            _log.Fail(e);
        }
        finally
        {
            // Neither goes on without the other: what one left half done, the other would build on.
            _stop.Cancel();
            _state.Full = null;
            _state.GiveRoom();
        }
    }

    private void FlushAll()
    {
        while (WaitHandle.WaitAny([_flushWanted, _stop.Token.WaitHandle]) == 0)
        {
            if (_frozen is { } frozen)
            {
                _frozen = null;
                Flush(frozen.Table, frozen.Sequence);
                _mergeWanted.Set();
            }
        }
    }

    private void Flush(MemoryTable table, ulong checkpoint)
    {
        var started = TimeProvider.System.GetTimestamp();
        var flushed = new List<StoredConcept>();
        Segment? segment = null;
        using (var builder = _store.NewSegment(_log.Id))
        {
            foreach (var concept in table.Concepts.Where(concept => concept.Died == DeadRows.Never).OrderBy(concept => concept.Born))
            {
                _stop.Token.ThrowIfCancellationRequested();
                if (builder.TryAdd(concept))
                {
                    flushed.Add(concept);
                }
            }

            if (flushed.Count > 0)
            {
                var filters = new FilterSource(FilterTable.Of(flushed.ConvertAll(concept => concept.Payload)), RowMap: null);
                var rows = table.MapTextRows(flushed);
                var texts = new LexicalSource(table.Texts.Snapshot(), rows);
                var associations = new AssociationSource(table.Associations(), rows);
                segment = _store.Open(_log.Id, builder.Number, builder.Finish(_options.Language, [texts], [filters], [associations]));
            }
        }

        Commit(segment is null ? [] : [segment], segments => segment is null ? segments : [.. segments, segment], checkpoint, () => _state.InstallFlushed(segment, flushed));
        _log.Trim(checkpoint);
        var took = TimeProvider.System.GetElapsedTime(started);
        _telemetry.Checkpointed(took);
        Log.Flushed(_logger, flushed.Count, checkpoint, took.TotalMilliseconds);
    }

    /// <param name="checkpoint">Null leaves it as it is.</param>
    /// <param name="outputs">What is new in the change; let go again if it does not come about.</param>
    private void Commit(List<Segment> outputs, Func<IReadOnlyList<Segment>, IReadOnlyList<Segment>> change, ulong? checkpoint, Action install)
    {
        lock (_commit)
        {
            var begun = false;
            try
            {
                if (_log.Failure is { } failure)
                {
                    throw failure;
                }

                var after = change(_segments);
                _store.Commit(_log.Id, after, checkpoint ?? _store.Checkpoint);

                // At once: whatever becomes of the installing, the manifest says so now.
                _segments = after;
                Install(() =>
                {
                    begun = true;
                    install();
                });
            }
            catch when (!begun)
            {
                outputs.ForEach(output => output.Release());
                throw;
            }
        }
    }

    // Blocks: both threads have nothing else to do.
    private void Install(Action install)
    {
        var pending = new PendingInstall(install);
        _log.EnqueueAsync(pending, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        pending.Done.GetAwaiter().GetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(304, LogLevel.Debug, "{Concepts} concepts moved from memory into a segment, up to record {Checkpoint}, in {Milliseconds} ms")]
        public static partial void Flushed(ILogger logger, int concepts, ulong checkpoint, double milliseconds);

        [LoggerMessage(305, LogLevel.Information, "{Inputs} segments became {Outputs} of {Concepts} concepts in {Milliseconds} ms ({Unreachable} unreachable in its graphs)")]
        public static partial void Merged(ILogger logger, int inputs, int outputs, int concepts, double milliseconds, uint unreachable);

        [LoggerMessage(307, LogLevel.Error, "A segment cannot be merged, because it is damaged; it stays as it is")]
        public static partial void Damaged(ILogger logger, Exception cause);

        [LoggerMessage(306, LogLevel.Critical, "Concepts cannot be moved into segments: no more writes are taken until the next start")]
        public static partial void Failed(ILogger logger, Exception cause);
    }
}
