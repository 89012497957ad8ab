using System.ComponentModel.DataAnnotations;

namespace Sutra.ServiceDefaults.Telemetry;

/// <summary>
/// Configuration section <c>ServiceDefaults:Telemetry</c>. Where it is sent, how often and under which name is said by the
/// standard <c>OTEL_*</c> variables; nothing is exported without <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.
/// </summary>
public sealed class TelemetryOptions
{
    public const string Section = "ServiceDefaults:Telemetry";

    /// <summary>Activity sources to listen to besides .NET's own; <c>*</c> stands for anything; default <c>Sutra.*</c>.</summary>
    [MinLength(1)]
    public string[] Sources { get; set; } = ["Sutra.*"];

    /// <summary>Meters to listen to besides .NET's own; default <c>Sutra.*</c>.</summary>
    [MinLength(1)]
    public string[] Meters { get; set; } = ["Sutra.*"];
}
