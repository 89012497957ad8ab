using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Microsoft.AspNetCore.Builder;

public static class PrometheusExporterApplicationBuilderExtensions
{
    /// <summary>Answers the requests that <paramref name="predicate"/> picks, whatever their path.</summary>
    public static IApplicationBuilder UseOpenTelemetryPrometheusScrapingEndpoint(this IApplicationBuilder app, Func<HttpContext, bool> predicate)
    {
        // As the real one: the provider must be there, and brings its readers to life.
        _ = app.ApplicationServices.GetRequiredService<MeterProvider>();
        var exporter = app.ApplicationServices.GetRequiredService<PrometheusExporter>();
        return app.MapWhen(predicate, branch => branch.Run(async context =>
        {
            var metrics = exporter.Scrape();
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = "text/plain; charset=utf-8; version=0.0.4";
            await context.Response.WriteAsync(metrics, context.RequestAborted);
        }));
    }
}
