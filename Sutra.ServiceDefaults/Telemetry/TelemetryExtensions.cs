using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Sutra.ServiceDefaults.Telemetry;

internal static class TelemetryExtensions
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // .NET 10 makes these itself; no instrumentation packages.
    private static readonly string[] PlatformSources = ["Microsoft.AspNetCore", "System.Net.Http"];

    private static readonly string[] PlatformMeters =
    [
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Net.Http",
        "System.Runtime",
    ];

    /// <summary>
    /// With <c>METRICS_PORT</c>, that port serves <c>/metrics</c> for Prometheus and nothing else. Traces, metrics and logs over OTLP, if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. An endpoint where nobody listens costs
    /// nothing but memory for the last batches and is not complained about: Aspire sets the variable whether or not it has a dashboard.
    /// </summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TelemetryOptions>()
            .BindConfiguration(TelemetryOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();

        var options = builder.Configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();
        if (builder.Configuration.MetricsPort() is { } metricsPort)
        {
            builder.Services.AddSingleton<IStartupFilter>(new MetricsEndpoint(metricsPort));
            builder.Services.AddOpenTelemetry()
                .ConfigureResource(resource => Describe(resource, builder))
                .WithMetrics(metrics => metrics.AddMeter([.. PlatformMeters, .. options.Meters]).AddPrometheusExporter());
        }

        if (string.IsNullOrWhiteSpace(builder.Configuration[EndpointVariable]))
        {
            return;
        }

        // Off by default in .NET 10, and without them a sampler cannot know a health probe from a request.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder))
            .WithTracing(tracing => tracing
                .SetSampler(services => new HealthlessSampler(ConfiguredSampler.From(services.GetRequiredService<IConfiguration>())))
                .AddSource([.. PlatformSources, .. options.Sources])
                .AddOtlpExporter())
            .WithMetrics(metrics => metrics
                .AddMeter([.. PlatformMeters, .. options.Meters])
                .AddOtlpExporter())
            .WithLogging(logging => logging.AddOtlpExporter(), logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            });
        builder.Services.ConfigureAll<OtlpExporterOptions>(exporter => exporter.HttpClientFactory = CollectorHandler.CreateClient);
    }

    private static void Describe(ResourceBuilder resource, IHostApplicationBuilder builder)
    {
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, read after this, win.
        var version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        resource.Clear()
            .AddService(builder.Environment.ApplicationName, serviceVersion: version)
            .AddAttributes([new("deployment.environment.name", builder.Environment.EnvironmentName)])
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
    }
}
