using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Jobs.Postgres;
using Sutra.Api.Ingestion.Workers;

namespace Sutra.Api.Health;

/// <summary>The bulk ingester: its store answers, and its worker is not waiting for something that is away. Learning and asking go on without it.</summary>
internal sealed class JobsCheck(IJobStore store, IngestionService service, JobWorker worker) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var kind = store is PostgresJobStore ? "PostgreSQL" : "journal";
        if (!service.IsReady)
        {
            return HealthCheckResult.Degraded($"{kind}: away, no jobs are taken");
        }

        try
        {
            var waiting = await store.BacklogAsync(cancellationToken);
            var state = string.Create(CultureInfo.InvariantCulture, $"{kind}: {waiting} items to learn, {worker.Underway} groups under way");
            return worker.IsWaiting ? HealthCheckResult.Degraded($"{state}; waits for what is away or has no capacity") : HealthCheckResult.Healthy(state);
        }
        catch (Exception e) when (store.IsAway(e) || e is IOException)
        {
            return HealthCheckResult.Degraded($"{kind}: away, no jobs are taken");
        }
    }
}
