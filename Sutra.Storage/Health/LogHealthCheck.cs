using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Storage.Collections;

namespace Sutra.Storage.Health;

/// <summary>Healthy while every log, the key ring and the catalog take writes. A latched failure stays until a restart: so does this.</summary>
internal sealed class LogHealthCheck(CollectionStore store) : IHealthCheck
{
    public const string Name = "log";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (store.Failure is { } failure)
        {
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, failure));
        }

        var statistics = store.Engines.Values.Select(engine => engine.Statistics).ToList();
        return Task.FromResult(HealthCheckResult.Healthy(
            $"writable, {statistics.Sum(one => one.Concepts)} concepts, {statistics.Sum(one => one.LogBytes)} bytes of log"));
    }
}
