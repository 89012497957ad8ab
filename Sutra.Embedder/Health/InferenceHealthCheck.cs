using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Health;

/// <summary>
/// Healthy when the default model is there, every worker lives, and that model has really run: lately for somebody, or now for this
/// check. Others that fail, or cannot be loaded, are named: who asks for them is told, who does not is served.
/// </summary>
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
                && await engine.WorksAsync(model, model.Tokenizer, RecentEnough, cancellationToken);
            var failing = host.Failing().Where(name => name != model.Identity.Id).ToList();
            return new HealthCheckResult(
                works ? HealthStatus.Healthy : context.Registration.FailureStatus,
                $"{model.Identity.Id}, {engine.AliveWorkers} of {engine.Workers} workers, {engine.Waiting} texts waiting{(failing.Count == 0 ? "" : $"; failing: {string.Join(", ", failing)}")}");
        }
        catch (ModelUnavailableException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message);
        }
    }
}
