using System.Diagnostics;
using System.Text;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter;

/// <summary>Collects when asked, and at most once in 300 ms.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private static readonly TimeSpan CacheDuration = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private string _text = "";
    private long _collectedAt;

    public Func<int, bool>? Collect { get; set; }

    public string Scrape()
    {
        lock (_lock)
        {
            if (_collectedAt == 0 || Stopwatch.GetElapsedTime(_collectedAt) > CacheDuration)
            {
                Collect?.Invoke(Timeout.Infinite);
                _collectedAt = Stopwatch.GetTimestamp();
            }

            return _text;
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new StringBuilder();
        foreach (var metric in batch)
        {
            PrometheusText.Write(text, metric);
        }

        _text = text.ToString();
        return ExportResult.Success;
    }
}
