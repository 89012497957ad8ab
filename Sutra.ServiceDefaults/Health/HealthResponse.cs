using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sutra.ServiceDefaults.Health;

/// <summary>The JSON that the health endpoints answer.</summary>
/// <param name="Status">The worst of the components: <c>Healthy</c>, <c>Degraded</c> or <c>Unhealthy</c>.</param>
/// <param name="Timestamp">When the checks were begun, UTC; up to the cache time before the answer.</param>
/// <param name="DurationMs">How long they took together.</param>
/// <param name="Components">One entry per check, by name.</param>
public sealed record HealthResponse(string Status, DateTimeOffset Timestamp, double DurationMs, IReadOnlyList<HealthComponent> Components)
{
    internal static HealthResponse From(TimedReport timed) => new(
        timed.Report.Status.ToString(),
        timed.Timestamp,
        Math.Round(timed.Report.TotalDuration.TotalMilliseconds, 3),
        [.. timed.Report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new HealthComponent(
            entry.Key,
            entry.Value.Status.ToString(),
            entry.Value.Description,
            Math.Round(entry.Value.Duration.TotalMilliseconds, 3)))]);

    internal static HealthResponse Alive(DateTimeOffset now) => new(nameof(HealthStatus.Healthy), now, 0, []);
}

/// <summary>One check's result.</summary>
public sealed record HealthComponent(string Name, string Status, string? Description, double DurationMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class HealthJson : JsonSerializerContext;
