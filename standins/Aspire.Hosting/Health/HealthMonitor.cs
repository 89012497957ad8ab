using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Asks a running resource's health checks again and again; its replicas share one answer.</summary>
internal sealed class HealthMonitor(
    HealthCheckService checks,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    ConsoleReporter reporter,
    TimeProvider time)
{
    private static readonly TimeSpan s_whileStarting = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_startingLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_whenHealthy = TimeSpan.FromSeconds(30);

    /// <summary>Reports that stand before the first answer: a resource with checks is not healthy until one said so.</summary>
    public static ImmutableArray<HealthReportSnapshot> Unknown(IResource resource) =>
        [.. Keys(resource).Select(key => new HealthReportSnapshot(key, null, null, null))];

    /// <summary>Runs until cancelled. <paramref name="changed"/> ends a pause early: a replica started or ended.</summary>
    public async Task WatchAsync(IResource resource, AsyncSignal changed, CancellationToken cancellation)
    {
        var keys = Keys(resource).ToHashSet(StringComparer.Ordinal);
        var ready = new Lazy<EventSnapshot>(() => new EventSnapshot(eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancellation)));
        var failures = 0;
        var unwellSince = time.GetTimestamp();
        HealthStatus? last = null;
        while (!cancellation.IsCancellationRequested)
        {
            if (!RunningReplicas(resource).Any())
            {
                last = null;
                failures = 0;
                await changed.WaitAsync(cancellation).ConfigureAwait(false);
                unwellSince = time.GetTimestamp();
                continue;
            }

            var reports = keys.Count == 0 ? [] : await AskAsync(keys, cancellation).ConfigureAwait(false);
            var status = reports.IsEmpty ? HealthStatus.Healthy : reports.Min(r => r.Status ?? HealthStatus.Unhealthy);
            foreach (var id in RunningReplicas(resource))
            {
                await notifications.PublishUpdateAsync(resource, id, s => s with
                {
                    HealthReports = reports,
                    ResourceReadyEvent = s.ResourceReadyEvent ?? (status == HealthStatus.Healthy ? ready.Value : null),
                }).ConfigureAwait(false);
            }

            if (status != last && keys.Count > 0 && (status == HealthStatus.Healthy || last == HealthStatus.Healthy))
            {
                reporter.State(resource.Name, status == HealthStatus.Healthy ? "Healthy" : $"{status}: {Why(reports)}", good: status == HealthStatus.Healthy);
            }

            if (status == HealthStatus.Healthy)
            {
                failures = 0;
                unwellSince = time.GetTimestamp();
            }
            else
            {
                failures++;
            }

            last = status;
            await changed.WaitAsync(Pause(status, failures, time.GetElapsedTime(unwellSince)), time, cancellation).ConfigureAwait(false);
        }
    }

    private static IEnumerable<string> Keys(IResource resource) => resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key);

    private static string Why(ImmutableArray<HealthReportSnapshot> reports) =>
        string.Join("; ", reports.Where(r => r.Status != HealthStatus.Healthy).Select(r => r.Description ?? r.ExceptionText ?? r.Name));

    /// <summary>1, 2, 3, 4, 5 s after bad answers and 30 s when well, as the real package; but quickly while it has just started.</summary>
    private static TimeSpan Pause(HealthStatus status, int failures, TimeSpan unwell) => status == HealthStatus.Healthy
        ? s_whenHealthy
        : unwell < s_startingLimit ? s_whileStarting : TimeSpan.FromSeconds(Math.Clamp(failures, 1, 5));

    private IEnumerable<string> RunningReplicas(IResource resource) => ResourceNotificationService.ReplicaIds(resource)
        .Where(id => notifications.TryGetCurrentState(id, out var now) && now!.Snapshot.State?.Text == KnownResourceStates.Running);

    private async Task<ImmutableArray<HealthReportSnapshot>> AskAsync(HashSet<string> keys, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellation).ConfigureAwait(false);
        var answers = report.Entries.Select(e => new HealthReportSnapshot(e.Key, e.Value.Status, e.Value.Description, e.Value.Exception?.Message));
        var missing = keys.Where(key => !report.Entries.ContainsKey(key))
            .Select(key => new HealthReportSnapshot(key, HealthStatus.Unhealthy, $"no health check is registered as '{key}'", null));
        return [.. answers, .. missing];
    }
}
