using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Sutra.ServiceDefaults.Errors;
using Sutra.ServiceDefaults.Health;
using Sutra.ServiceDefaults.Http;
using Sutra.ServiceDefaults.Logs;
using Sutra.ServiceDefaults.Startup;
using Sutra.ServiceDefaults.Telemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service shares: telemetry, logs, health, resilience, discovery and the shape of errors.</summary>
public static class SutraServiceDefaultsExtensions
{
    /// <summary>
    /// Adds everything above. A second call does nothing, so handlers never nest.
    /// </summary>
    public static TBuilder AddSutraServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(Marker)))
        {
            return builder;
        }

        builder.Services.AddSingleton<Marker>();
        builder.AddTelemetry();
        builder.AddConsoleLogs();
        builder.AddQuietStartup();
        builder.AddHealth();
        builder.AddHttpClientDefaults();
        builder.AddProblems();
        return builder;
    }

    /// <summary>
    /// Maps <c>/alive</c> (the process answers), <c>/ready</c> (checks tagged <see cref="HealthTags.Ready"/>) and
    /// <c>/health</c> (checks tagged <see cref="HealthTags.Health"/>): anonymous, in every environment; 503 when unhealthy.
    /// </summary>
    public static WebApplication MapSutraDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth();
        return app;
    }

    private sealed class Marker;
}
