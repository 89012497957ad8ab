using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sutra.Cli.Lifecycle;

/// <summary>The report of <c>/health</c>.</summary>
internal sealed record HealthReport(string Status, DateTimeOffset Timestamp, double DurationMs, IReadOnlyList<HealthComponent> Components);

internal sealed record HealthComponent(string Name, string Status, string? Description, double DurationMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthReport))]
internal sealed partial class HealthJson : JsonSerializerContext;

/// <summary>Asks a gateway how it is.</summary>
internal static class GatewayHealth
{
    /// <summary>Its report, healthy or not; null when nothing answers with one.</summary>
    public static async Task<HealthReport?> AskAsync(HttpClient http, Uri gateway, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(gateway, "health"), cancellation);
            return await response.Content.ReadFromJsonAsync(HealthJson.Default.HealthReport, cancellation) is { Status: not null, Components: not null } report
                ? report
                : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException
            || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
