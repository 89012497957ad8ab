using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.ServiceDefaults.Telemetry;

/// <summary>
/// Metrics for Prometheus on a port of their own, which serves nothing else and asks nobody who they are: it stands before
/// everything that the service itself puts in a request's way.
/// </summary>
internal sealed class MetricsEndpoint(int port) : IStartupFilter
{
    private const string Path = "/metrics";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Connection.LocalPort == port && context.Request.Path == Path);
        app.MapWhen(context => context.Connection.LocalPort == port, branch => branch.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }));
        next(app);
    };
}

internal static class MetricsPortExtensions
{
    /// <summary>The port, among those the service listens on, where <c>/metrics</c> is; without it there is no such endpoint.</summary>
    public const string PortVariable = "METRICS_PORT";

    /// <exception cref="StartupException">The variable's value is no port.</exception>
    public static int? MetricsPort(this IConfiguration configuration)
    {
        var value = configuration[PortVariable];
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new StartupException($"{PortVariable} is '{value}'; it must be a port number (1-65535).");
    }
}
