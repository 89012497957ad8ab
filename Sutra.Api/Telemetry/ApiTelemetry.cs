using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sutra.Api.Telemetry;

/// <summary>The API's spans and measurements; none of them carries text.</summary>
internal sealed class ApiTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Sutra.Api";

    public static readonly ActivitySource Source = new(Name);

    private readonly Histogram<double> _confidence;
    private readonly Histogram<double> _stages;

    public ApiTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _confidence = meter.CreateHistogram<double>("query_confidence", "1", "Confidence of answers, 0 to 1.");
        _stages = meter.CreateHistogram<double>("query_stage_duration", "s", "Time that a query spends in each stage.");
    }

    public void QueryAnswered(double confidence, bool answered) =>
        _confidence.Record(confidence, new KeyValuePair<string, object?>("answered", answered));

    public void QueryStage(string stage, TimeSpan took) =>
        _stages.Record(took.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
}
