using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sutra.Storage.Engine;

namespace Sutra.Storage.Telemetry;

/// <summary>Every metric of the storage service, behind methods that say what happened.</summary>
public sealed class StorageTelemetry : IDisposable
{
    public const string MeterName = "Sutra.Storage";

    private readonly Meter _meter;
    private readonly ConcurrentDictionary<Func<EngineStatistics>, byte> _observed = new();
    private readonly Histogram<double> _flushDuration;
    private readonly Histogram<int> _groupSize;
    private readonly Histogram<double> _searchDuration;
    private readonly Histogram<double> _checkpointDuration;
    private readonly Histogram<double> _mergeDuration;
    private readonly Counter<long> _mergedRows;
    private readonly Counter<long> _latched;

    public StorageTelemetry(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _flushDuration = _meter.CreateHistogram("sutra.storage.log.flush.duration", "s", "Time of one flush of the log to the disk.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1] });
        _groupSize = _meter.CreateHistogram("sutra.storage.log.group.size", "{record}", "Records made durable by one flush.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });
        _searchDuration = _meter.CreateHistogram("sutra.storage.search.duration", "s", "Time of one search, without transport.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1] });
        double[] longTimes = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900];
        _checkpointDuration = _meter.CreateHistogram("sutra.storage.checkpoint.duration", "s", "Time to move concepts from memory into a segment.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = longTimes });
        _mergeDuration = _meter.CreateHistogram("sutra.storage.merge.duration", "s", "Time to make one segment of several.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = longTimes });
        _mergedRows = _meter.CreateCounter<long>("sutra.storage.merge.concepts", "{concept}", "Concepts written anew by merges.");
        Gauge("sutra.storage.collections", _ => 1, "{collection}", "Collections, the default one included.");
        Gauge("sutra.storage.concepts", statistics => statistics.Concepts, "{concept}", "Concepts stored.");
        Gauge("sutra.storage.log.size", statistics => statistics.LogBytes, "By", "Bytes of log on the disk.");
        Gauge("sutra.storage.vectors.size", statistics => statistics.VectorBytes, "By", "Bytes of vectors in memory, not in segments yet.");
        Gauge("sutra.storage.segments", statistics => statistics.Segments, "{segment}", "Files of concepts.");
        Gauge("sutra.storage.segments.size", statistics => statistics.SegmentBytes, "By", "Bytes of segments on the disk.");
        Gauge("sutra.storage.index.size", statistics => statistics.IndexBytes, "By", "Bytes of links and codes in segments.");
        Gauge("sutra.storage.segments.dead", statistics => statistics.DeadRows, "{concept}", "Rows of segments that were deleted or replaced.");
        Gauge("sutra.storage.segments.to_rewrite", statistics => statistics.SegmentsToRewrite, "{segment}", "Segments that hold what was erased, or is to be sealed, until they are written anew.");
        _latched = _meter.CreateCounter<long>("sutra.storage.log.failures", "{failure}", "Failures after which the log takes no writes until the next start.");
    }

    /// <summary>Reports this engine's counts and sizes, too, in the sums of all, until what it returns is disposed.</summary>
    public IDisposable Observe(Func<EngineStatistics> statistics)
    {
        _observed.TryAdd(statistics, 0);
        return new Observed(() => _observed.TryRemove(statistics, out _));
    }

    public void Flushed(TimeSpan duration) => _flushDuration.Record(duration.TotalSeconds);

    public void GroupCommitted(int records) => _groupSize.Record(records);

    public void Searched(TimeSpan duration) => _searchDuration.Record(duration.TotalSeconds);

    public void Checkpointed(TimeSpan duration) => _checkpointDuration.Record(duration.TotalSeconds);

    public void Merged(TimeSpan duration, int concepts)
    {
        _mergeDuration.Record(duration.TotalSeconds);
        _mergedRows.Add(concepts);
    }

    public void Latched() => _latched.Add(1);

    private void Gauge(string name, Func<EngineStatistics, long> value, string unit, string description) =>
        _meter.CreateObservableGauge(name, () => _observed.Keys.Sum(statistics => value(statistics())), unit, description);

    private sealed class Observed(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    public void Dispose() => _meter.Dispose();
}
