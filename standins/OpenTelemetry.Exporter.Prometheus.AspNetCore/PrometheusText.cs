using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace OpenTelemetry.Exporter;

/// <summary>A metric in the text format 0.0.4.</summary>
internal static class PrometheusText
{
    public static void Write(StringBuilder text, Metric metric)
    {
        if (metric.MetricType is MetricType.ExponentialHistogram)
        {
            return;
        }

        var type = TypeOf(metric.MetricType);
        var name = PrometheusName.Of(metric.Name, metric.Unit, type);
        if (metric.Description.Length > 0)
        {
            text.Append("# HELP ").Append(name).Append(' ').Append(metric.Description.Replace("\\", "\\\\").Replace("\n", "\\n")).Append('\n');
        }

        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = Labels(metric.MeterName, point.Tags);
            if (type == "histogram")
            {
                WriteHistogram(text, name, labels, in point);
            }
            else
            {
                text.Append(name).Append('{').Append(labels).Append("} ").Append(Value(metric.MetricType, in point)).Append('\n');
            }
        }
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, in MetricPoint point)
    {
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            text.Append(name).Append("_bucket{").Append(labels).Append(",le=\"").Append(bound).Append("\"} ").Append(count).Append('\n');
        }

        text.Append(name).Append("_sum{").Append(labels).Append("} ").Append(Number(point.GetHistogramSum())).Append('\n');
        text.Append(name).Append("_count{").Append(labels).Append("} ").Append(point.GetHistogramCount()).Append('\n');
    }

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong().ToString(CultureInfo.InvariantCulture),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => Number(point.GetSumDouble()),
        MetricType.LongGauge => point.GetGaugeLastValueLong().ToString(CultureInfo.InvariantCulture),
        _ => Number(point.GetGaugeLastValueDouble()),
    };

    private static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Labels(string scope, ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder("otel_scope_name=\"").Append(Escape(scope)).Append('"');
        foreach (var (key, value) in tags)
        {
            var text = value switch
            {
                null => "",
                bool flag => flag ? "true" : "false",
                _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            };
            labels.Append(',').Append(PrometheusName.Label(key)).Append("=\"").Append(Escape(text)).Append('"');
        }

        return labels.ToString();
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}
