using Microsoft.AspNetCore.Builder;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service shares: telemetry, health, resilience and discovery.</summary>
public static class ServiceDefaultsExtensions
{
    public static TBuilder AddSutraServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder => builder;

    public static WebApplication MapSutraDefaultEndpoints(this WebApplication app)
    {
        app.MapGet("/alive", () => "Healthy");
        return app;
    }
}
