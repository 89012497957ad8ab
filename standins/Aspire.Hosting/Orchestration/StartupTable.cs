using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Orchestration;

/// <summary>Once everything is up, says so, with the address of everything.</summary>
internal sealed class StartupTable(IResourceCollection resources, ResourceNotificationService notifications, ConsoleReporter reporter, TimeProvider time)
{
    public async Task PrintWhenUpAsync(long begun, CancellationToken cancellation)
    {
        var expected = resources.Where(r => r is not IResourceWithoutLifetime && !r.Annotations.OfType<ExplicitStartupAnnotation>().Any())
            .SelectMany(ResourceNotificationService.ReplicaIds)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var up = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await foreach (var update in notifications.WatchAsync(cancellation).ConfigureAwait(false))
        {
            if (IsUp(update.Snapshot))
            {
                up.Add(update.ResourceId);
            }
            else
            {
                up.Remove(update.ResourceId);
            }

            if (up.IsSupersetOf(expected))
            {
                Print(time.GetElapsedTime(begun));
                return;
            }
        }
    }

    private static bool IsUp(CustomResourceSnapshot snapshot) =>
        snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReadyEvent: not null } || snapshot.State?.Text == KnownResourceStates.Finished;

    private void Print(TimeSpan took)
    {
        var rows = resources.Where(r => r is ProjectResource or ExecutableResource or ContainerResource)
            .Select(r => (r.Name, State: StateOf(r), Addresses: string.Join(", ", Addresses(r))))
            .ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        var name = rows.Max(r => r.Name.Length);
        var state = rows.Max(r => r.State.Length);
        reporter.Notice(string.Create(CultureInfo.InvariantCulture, $"Everything is up after {took.TotalSeconds:0.0} s:"));
        foreach (var row in rows)
        {
            reporter.Notice($"  {row.Name.PadRight(name)}  {row.State.PadRight(state)}  {row.Addresses}".TrimEnd());
        }
    }

    private static IEnumerable<string> Addresses(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>()
        .Where(e => e.AllocatedEndpoint is not null)
        .Select(e => e.Name == e.UriScheme || e.Name == "tcp" ? e.AllocatedEndpoint!.UriString : $"{e.AllocatedEndpoint!.UriString} ({e.Name})");

    private string StateOf(IResource resource)
    {
        var states = ResourceNotificationService.ReplicaIds(resource)
            .Select(id => notifications.TryGetCurrentState(id, out var now) ? now!.Snapshot.State?.Text : null)
            .ToArray();
        var text = states.Distinct().Count() == 1 ? states[0] ?? "?" : string.Join('/', states);
        return states.Length == 1 ? text : $"{text} ×{states.Length}";
    }
}
