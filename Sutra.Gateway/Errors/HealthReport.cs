using System.Text.Json.Serialization;
using Sutra.ServiceDefaults.Health;

namespace Sutra.Gateway.Errors;

/// <summary>What <c>/health</c> answers when the api cannot say it itself: the report that every service's health has, with the api as the component that fails.</summary>
internal static class HealthReport
{
    private const string Unhealthy = "Unhealthy";

    public static Task WriteAsync(HttpContext context, DateTimeOffset asked, TimeSpan took)
    {
        var why = ErrorDetail.For(context.Response.StatusCode).Text;
        var ms = Math.Round(took.TotalMilliseconds, 3);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsJsonAsync(
            new HealthResponse(Unhealthy, asked, ms, [new HealthComponent(Routing.Routes.Api, Unhealthy, why, ms)]),
            HealthReportJson.Default.HealthResponse);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class HealthReportJson : JsonSerializerContext;
