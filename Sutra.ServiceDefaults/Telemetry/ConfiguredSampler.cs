using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.ServiceDefaults.Telemetry;

/// <summary>The sampler that the standard variables name; the SDK reads them only when no sampler is set in code.</summary>
internal static class ConfiguredSampler
{
    public const string NameVariable = "OTEL_TRACES_SAMPLER";
    public const string ArgumentVariable = "OTEL_TRACES_SAMPLER_ARG";

    public static Sampler From(IConfiguration configuration) => configuration[NameVariable]?.ToLowerInvariant() switch
    {
        null or "" or "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
        "always_on" => new AlwaysOnSampler(),
        "always_off" => new AlwaysOffSampler(),
        "traceidratio" => new TraceIdRatioBasedSampler(Ratio(configuration)),
        "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
        "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(Ratio(configuration))),
        var other => throw new StartupException($"{NameVariable} is '{other}'; it must be one of OpenTelemetry's samplers, such as parentbased_traceidratio."),
    };

    private static double Ratio(IConfiguration configuration) => configuration[ArgumentVariable] switch
    {
        null or "" => 1,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 => ratio,
        var text => throw new StartupException($"{ArgumentVariable} is '{text}'; it must be a number from 0 to 1."),
    };
}
