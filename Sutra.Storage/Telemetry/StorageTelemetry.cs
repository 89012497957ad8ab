using System.Diagnostics.Metrics;
using Sutra.Storage.Engine;

namespace Sutra.Storage.Telemetry;

/// <summary>Every metric of the storage service, behind methods that say what happened.</summary>
public sealed class StorageTelemetry : IDisposable
{
    public const string MeterName = "Sutra.Storage";

    private readonly Meter _meter;
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
        _latched = _meter.CreateCounter<long>("sutra.storage.log.failures", "{failure}", "Failures after which the log takes no writes until the next start.");
    }

    /// <summary>Starts to report what is only ever asked for: counts and sizes.</summary>
    public void Observe(Func<EngineStatistics> statistics)
    {
        _meter.CreateObservableGauge("sutra.storage.concepts", () => statistics().Concepts, "{concept}", "Concepts stored.");
        _meter.CreateObservableGauge("sutra.storage.log.size", () => statistics().LogBytes, "By", "Bytes of log on the disk.");
        _meter.CreateObservableGauge("sutra.storage.vectors.size", () => statistics().VectorBytes, "By", "Bytes of vectors in memory, not in segments yet.");
        _meter.CreateObservableGauge("sutra.storage.segments", () => statistics().Segments, "{segment}", "Files of concepts.");
        _meter.CreateObservableGauge("sutra.storage.segments.size", () => statistics().SegmentBytes, "By", "Bytes of segments on the disk.");
        _meter.CreateObservableGauge("sutra.storage.index.size", () => statistics().IndexBytes, "By", "Bytes of links and codes in segments.");
        _meter.CreateObservableGauge("sutra.storage.segments.dead", () => statistics().DeadRows, "{concept}", "Rows of segments that were deleted or replaced.");
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

    public void Dispose() => _meter.Dispose();
}
