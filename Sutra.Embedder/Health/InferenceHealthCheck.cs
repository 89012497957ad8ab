using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Health;

/// <summary>Healthy when the default model is there, every worker lives, and a model has really run: lately for somebody, or now for this check.</summary>
internal sealed class InferenceHealthCheck(EmbeddingEngine engine, ModelHost host) : IHealthCheck
{
    public const string Name = "inference";

    private static readonly TimeSpan RecentEnough = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var lease = await host.AcquireAsync(cancellation: cancellationToken);
            var model = lease.Model;
            var works = engine.AliveWorkers == engine.Workers
                && (engine.SinceSuccess <= RecentEnough || await engine.ProbeAsync(model, model.Tokenizer, cancellationToken));
            return new HealthCheckResult(
                works ? HealthStatus.Healthy : context.Registration.FailureStatus,
                $"{model.Identity.Id}, {engine.AliveWorkers} of {engine.Workers} workers, {engine.Waiting} texts waiting");
        }
        catch (ModelUnavailableException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message);
        }
    }
}
