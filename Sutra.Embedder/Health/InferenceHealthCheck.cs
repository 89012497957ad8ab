using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Health;

/// <summary>Healthy when every worker lives and the model has really run: lately for somebody, or now for this check.</summary>
internal sealed class InferenceHealthCheck(EmbeddingEngine engine) : IHealthCheck
{
    public const string Name = "inference";

    private static readonly TimeSpan RecentEnough = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (engine.AliveWorkers < engine.Workers)
        {
            return Result(context.Registration.FailureStatus);
        }

        if (engine.SinceSuccess > RecentEnough)
        {
            await engine.ProbeAsync(cancellationToken);
        }

        return Result(HealthStatus.Healthy);
    }

    private HealthCheckResult Result(HealthStatus status) => new(
        status,
        $"{engine.Model.Id}, {engine.AliveWorkers} of {engine.Workers} workers, {engine.Waiting} texts waiting");
}
