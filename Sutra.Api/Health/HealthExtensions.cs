using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sutra.Api.Clients;
using Sutra.ServiceDefaults.Health;

namespace Sutra.Api.Health;

internal static class HealthExtensions
{
    /// <summary>How long a component may take to answer; less than the gateway waits for the whole report, which would blame the api otherwise.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static WebApplicationBuilder AddComponentHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks()
            .AddCheck<StorageCheck>(Components.Storage, tags: [HealthTags.Health], timeout: Limit)
            .AddCheck<EmbedderCheck>(Components.Embedder, tags: [HealthTags.Health], timeout: Limit)
            .AddCheck<CacheCheck>(Components.Cache, HealthStatus.Degraded, [HealthTags.Health], Limit)
            .AddCheck<JobsCheck>(Components.Jobs, HealthStatus.Degraded, [HealthTags.Health], Limit)
            .AddCheck<AuditCheck>(Components.Audit, tags: [HealthTags.Health], timeout: Limit)
            .AddCheck<StartedCheck>("started", tags: [HealthTags.Ready]);
        return builder;
    }
}
