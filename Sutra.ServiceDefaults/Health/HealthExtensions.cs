using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sutra.ServiceDefaults.Health;

internal static class HealthExtensions
{
    public const string AlivePath = "/alive";
    public const string HealthPath = "/health";
    public const string ReadyPath = "/ready";

    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<HealthOptions>()
            .BindConfiguration(HealthOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<HealthReports>();
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<IPostConfigureOptions<HealthCheckServiceOptions>, BoundEveryCheck>();

        // It logs an error at every probe of a component that is down; HealthReports logs once per change.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
    }

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        Map(app, AlivePath, (_, time) => Task.FromResult(HealthResponse.Alive(time.GetUtcNow())));
        Map(app, HealthPath, async (reports, _) => HealthResponse.From(await reports.GetAsync(HealthTags.Health)));
        Map(app, ReadyPath, async (reports, _) => HealthResponse.From(await reports.GetAsync(HealthTags.Ready)));
    }

    private static void Map(IEndpointRouteBuilder app, string path, Func<HealthReports, TimeProvider, Task<HealthResponse>> report) =>
        app.MapGet(path, async (HttpContext context, HealthReports reports, TimeProvider time) =>
            {
                var response = await report(reports, time);
                context.Response.Headers.CacheControl = "no-store";
                return TypedResults.Json(
                    response,
                    HealthJson.Default.HealthResponse,
                    statusCode: response.Status == nameof(HealthStatus.Unhealthy)
                        ? StatusCodes.Status503ServiceUnavailable
                        : StatusCodes.Status200OK);
            })
            .AllowAnonymous()
            .DisableHttpMetrics()
            .ExcludeFromDescription();

    private sealed class BoundEveryCheck(IOptions<HealthOptions> health, TimeProvider time) : IPostConfigureOptions<HealthCheckServiceOptions>
    {
        public void PostConfigure(string? name, HealthCheckServiceOptions options)
        {
            foreach (var registration in options.Registrations)
            {
                var inner = registration.Factory;
                var limit = registration.Timeout > TimeSpan.Zero ? registration.Timeout : health.Value.Timeout;
                registration.Factory = services => new BoundedHealthCheck(inner(services), limit, time);
            }
        }
    }
}
