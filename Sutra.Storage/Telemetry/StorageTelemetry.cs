using System.Diagnostics.Metrics;

namespace Sutra.Storage.Telemetry;

/// <summary>Every metric of the storage service, behind methods that say what happened.</summary>
public sealed class StorageTelemetry : IDisposable
{
    public const string MeterName = "Sutra.Storage";

    private readonly Meter _meter;
    private readonly Histogram<double> _flushDuration;
    private readonly Histogram<int> _groupSize;
    private readonly Histogram<double> _searchDuration;
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
        _latched = _meter.CreateCounter<long>("sutra.storage.log.failures", "{failure}", "Failures after which the log takes no writes until the next start.");
    }

    /// <summary>Starts to report what is only ever asked for: counts and sizes.</summary>
    public void Observe(Func<long> concepts, Func<long> logBytes, Func<long> vectorBytes)
    {
        _meter.CreateObservableGauge("sutra.storage.concepts", concepts, "{concept}", "Concepts stored.");
        _meter.CreateObservableGauge("sutra.storage.log.size", logBytes, "By", "Bytes of log on the disk.");
        _meter.CreateObservableGauge("sutra.storage.vectors.size", vectorBytes, "By", "Bytes of vectors in memory.");
    }

    public void Flushed(TimeSpan duration) => _flushDuration.Record(duration.TotalSeconds);

    public void GroupCommitted(int records) => _groupSize.Record(records);

    public void Searched(TimeSpan duration) => _searchDuration.Record(duration.TotalSeconds);

    public void Latched() => _latched.Add(1);

    public void Dispose() => _meter.Dispose();
}
