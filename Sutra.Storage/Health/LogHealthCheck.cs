using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Storage.Engine;

namespace Sutra.Storage.Health;

/// <summary>Healthy while the log is open and takes writes. A latched failure stays until a restart: so does this.</summary>
internal sealed class LogHealthCheck(ConceptEngine engine) : IHealthCheck
{
    public const string Name = "log";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var statistics = engine.Statistics;
        return Task.FromResult(statistics.Failure is { } failure
            ? new HealthCheckResult(context.Registration.FailureStatus, failure)
            : HealthCheckResult.Healthy($"writable, {statistics.Concepts} concepts, {statistics.LogBytes} bytes of log"));
    }
}
