using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Sutra.ServiceDefaults.Health;

/// <summary>
/// A check that always ends within its time, even when it ignores its cancellation token, and whose description never
/// repeats an exception's message (the report is anonymous; messages carry hosts and user names).
/// </summary>
internal sealed class BoundedHealthCheck(IHealthCheck inner, TimeSpan limit, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await inner.CheckHealthAsync(context, linked.Token).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"no answer within {limit.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"check failed: {e.GetType().Name}");
        }
    }
}
