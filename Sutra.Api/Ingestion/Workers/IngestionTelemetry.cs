using System.Diagnostics.Metrics;
using Sutra.Api.Telemetry;

namespace Sutra.Api.Ingestion.Workers;

/// <summary>How ingestion goes; nothing here carries text.</summary>
internal sealed class IngestionTelemetry
{
    private readonly Counter<long> _items;
    private readonly Counter<long> _jobs;
    private readonly Histogram<double> _groups;
    private long _backlog;
    private int _limit;

    public IngestionTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(ApiTelemetry.Name);
        _items = meter.CreateCounter<long>("ingestion_items", "1", "Concepts that were tried, by outcome: learned, failed (tried again) or dead.");
        _jobs = meter.CreateCounter<long>("ingestion_jobs", "1", "Jobs that were made or ended, by state.");
        _groups = meter.CreateHistogram<double>("ingestion_group_duration", "s", "Time that a group of concepts takes to be embedded and learned.");
        meter.CreateObservableGauge("ingestion_queue_depth", () => Volatile.Read(ref _backlog), "1", "Concepts of open jobs that are neither learned nor dead.");
        meter.CreateObservableGauge("ingestion_concurrency", () => Volatile.Read(ref _limit), "1", "Groups that may be under way at once.");
    }

    public void Backlog(long items) => Volatile.Write(ref _backlog, items);

    public void Limit(int groups) => Volatile.Write(ref _limit, groups);

    public void JobChanged(string state) => _jobs.Add(1, new KeyValuePair<string, object?>("state", state));

    public void Group(TimeSpan took) => _groups.Record(took.TotalSeconds);

    public void Items(long learned, long failed, long dead)
    {
        Add("learned", learned);
        Add("failed", failed);
        Add("dead", dead);
    }

    private void Add(string outcome, long count)
    {
        if (count > 0)
        {
            _items.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
