using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Embedder.Caching;

/// <summary>Which levels of the cache there are now; component <c>cache</c> of the health report. Redis away degrades, and no more.</summary>
internal sealed class CacheState(SharedVectors? shared) : IHealthCheck
{
    public const string Name = "cache";

    public CacheLevels Levels => shared switch
    {
        null => CacheLevels.Process,
        { IsAvailable: true } => CacheLevels.ProcessAndRedis,
        _ => CacheLevels.RedisAway,
    };

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Levels switch
        {
            CacheLevels.Process => HealthCheckResult.Healthy("in this process only"),
            CacheLevels.ProcessAndRedis => HealthCheckResult.Healthy("in this process and Redis"),
            _ => HealthCheckResult.Degraded("Redis is away: in this process only"),
        });
}
