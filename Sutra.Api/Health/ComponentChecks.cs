using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Concepts;
using Sutra.Api.Embeddings;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Embedding.V1;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Health;

/// <summary>The embedder says what it serves.</summary>
internal sealed class EmbedderCheck(ModelIdentity model) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var served = await model.RefreshAsync(HealthExtensions.Limit, cancellationToken);
            return HealthCheckResult.Healthy($"serves {served.Identity}, {served.Dimensions} dimensions");
        }
        catch (ComponentException e)
        {
            return HealthCheckResult.Unhealthy($"gRPC: {e.StatusCode}");
        }
    }
}

/// <summary>The storage answers and takes writes; how much it holds, and how much of that the embedder's current model cannot find.</summary>
internal sealed class StorageCheck(ConceptStoreClient store, ModelIdentity model, ServiceIdentity identity) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var statistics = await store.GetStatisticsAsync(identity.Caller, HealthExtensions.Limit, cancellationToken);
            return statistics.Writable
                ? HealthCheckResult.Healthy(Describe(statistics))
                : HealthCheckResult.Unhealthy("takes no more writes");
        }
        catch (ComponentException e)
        {
            return HealthCheckResult.Unhealthy($"gRPC: {e.StatusCode}");
        }
    }

    private string Describe(Statistics statistics)
    {
        var others = model.Known is { } served
            ? statistics.ConceptsByModel.Where(pair => pair.Key != served.Identity).Sum(pair => pair.Value)
            : 0;
        return others == 0
            ? $"{statistics.Concepts} concepts"
            : $"{others} of {statistics.Concepts} concepts were embedded by another model and are not searched";
    }
}

/// <summary>The audit trail's store answers; without it everything is refused.</summary>
internal sealed class AuditCheck(AuditTrail trail, IAuditStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await trail.PingAsync(cancellationToken);
            return HealthCheckResult.Healthy(store is PostgresAuditStore ? "PostgreSQL" : "hash-chained file");
        }
        catch (ApiProblem)
        {
            return HealthCheckResult.Unhealthy("away: requests are refused");
        }
    }
}

/// <summary>Where the embedder keeps vectors; without Redis it only has its own memory. Whether it is there at all is another check's.</summary>
internal sealed class CacheCheck(ModelIdentity model) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return (await model.RefreshAsync(HealthExtensions.Limit, cancellationToken)).Cache switch
            {
                CacheLevels.ProcessAndRedis => HealthCheckResult.Healthy("in the embedder and Redis"),
                CacheLevels.RedisAway => HealthCheckResult.Degraded("Redis is away: in the embedder only"),
                _ => HealthCheckResult.Healthy("in the embedder only"),
            };
        }
        catch (ComponentException)
        {
            return HealthCheckResult.Degraded("unknown: the embedder does not answer");
        }
    }
}

/// <summary>Ready once the audit trail was there: until then every request would be refused. Later outages do not take the instance out of
/// rotation: all instances share them, and ours is the answer that says what is wrong.</summary>
internal sealed class StartedCheck(AuditTrail trail) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trail.HasOpened ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the audit trail has not been opened yet"));
}
