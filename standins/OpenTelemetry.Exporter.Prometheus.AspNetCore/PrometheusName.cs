using System.Text;

namespace OpenTelemetry.Exporter;

/// <summary>Names by the rules of Prometheus, from names and units by those of OpenTelemetry.</summary>
internal static class PrometheusName
{
    public static string Of(string name, string unit, string type)
    {
        var result = Clean(name, allowColon: true);
        var suffix = Unit(unit, type);
        if (suffix.Length > 0 && !result.EndsWith(suffix, StringComparison.Ordinal) && !result.EndsWith(suffix + "_total", StringComparison.Ordinal))
        {
            result = type == "counter" && result.EndsWith("_total", StringComparison.Ordinal)
                ? $"{result[..^"_total".Length]}_{suffix}_total"
                : $"{result}_{suffix}";
        }

        return type == "counter" && !result.EndsWith("_total", StringComparison.Ordinal) ? result + "_total" : result;
    }

    public static string Label(string name) => Clean(name, allowColon: false);

    private static string Clean(string name, bool allowColon)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var character in name)
        {
            var isAllowed = char.IsAsciiLetterOrDigit(character) || character == '_' || (allowColon && character == ':');
            if (isAllowed || clean.Length == 0 || clean[^1] != '_')
            {
                clean.Append(isAllowed ? character : '_');
            }
        }

        return clean.Length > 0 && char.IsAsciiDigit(clean[0]) ? clean.Insert(0, '_').ToString() : clean.ToString();
    }

    private static string Unit(string unit, string type)
    {
        // What stands in braces says what is counted, and is no unit.
        var brace = unit.IndexOf('{', StringComparison.Ordinal);
        var plain = brace < 0 ? unit : unit[..brace];
        return plain switch
        {
            "" => "",
            "1" => type == "gauge" ? "ratio" : "",
            "s" => "seconds",
            "ms" => "milliseconds",
            "us" => "microseconds",
            "ns" => "nanoseconds",
            "min" => "minutes",
            "h" => "hours",
            "d" => "days",
            "By" => "bytes",
            "KiBy" => "kibibytes",
            "MiBy" => "mebibytes",
            "GiBy" => "gibibytes",
            "%" => "percent",
            "Hz" => "hertz",
            "Cel" => "celsius",
            _ => Clean(plain, allowColon: false),
        };
    }
}
