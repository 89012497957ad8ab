using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The state of every replica of every resource, and who waits for it to change.</summary>
public class ResourceNotificationService(IHostApplicationLifetime hostApplicationLifetime) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly CancellationTokenSource _disposed = new();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _disposed.Cancel();
    }

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory) =>
        PublishUpdateAsync(resource, resource.Name, stateFactory);

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var previous = _current.GetValueOrDefault(resourceId)?.Snapshot
                ?? new CustomResourceSnapshot { ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal), Properties = [] };
            var update = new ResourceEvent(resource, resourceId, stateFactory(previous));
            _current[resourceId] = update;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(update);
            }
        }

        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, out ResourceEvent? resourceEvent)
    {
        lock (_lock)
        {
            return _current.TryGetValue(resourceId, out resourceEvent);
        }
    }

    /// <summary>The present state of every replica, then each change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
        lock (_lock)
        {
            foreach (var now in _current.Values)
            {
                channel.Writer.TryWrite(now);
            }

            _watchers.Add(channel);
        }

        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
            await foreach (var update in channel.Reader.ReadAllAsync(ended.Token).ConfigureAwait(false))
            {
                yield return update;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel);
            }
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hostApplicationLifetime.ApplicationStopping);
        await foreach (var update in WatchAsync(ended.Token).ConfigureAwait(false))
        {
            if (update.Resource.Name.Equals(resourceName, StringComparison.OrdinalIgnoreCase) && predicate(update))
            {
                return update;
            }
        }

        throw new OperationCanceledException($"The operation was cancelled before the resource '{resourceName}' met the condition.");
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var update = await WaitForResourceAsync(resourceName, e => e.Snapshot.State is { } s && states.Contains(s.Text), cancellationToken).ConfigureAwait(false);
        return update.Snapshot.State!.Text;
    }

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var update = await WaitForResourceAsync(
            resourceName,
            e => e.Snapshot.HealthStatus == HealthStatus.Healthy || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsUnavailable(e.Snapshot)),
            cancellationToken).ConfigureAwait(false);
        return update.Snapshot.HealthStatus == HealthStatus.Healthy ? update : throw StoppedWaiting(update);
    }

    /// <summary>Returns when everything that <paramref name="resource"/> waits for has happened, for every replica.</summary>
    public Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken) => Task.WhenAll(
        from wait in resource.Annotations.OfType<WaitAnnotation>()
        where wait.Resource is not IResourceWithoutLifetime
        from id in ReplicaIds(wait.Resource)
        select WaitForReplicaAsync(wait, id, cancellationToken));

    internal static IEnumerable<string> ReplicaIds(IResource resource) =>
        resource.Annotations.OfType<ReplicaIdsAnnotation>().LastOrDefault()?.Ids ?? [resource.Name];

    private static bool IsUnavailable(CustomResourceSnapshot snapshot) => snapshot.State?.Text is { } state
        && (state == KnownResourceStates.RuntimeUnhealthy || KnownResourceStates.TerminalStates.Contains(state));

    private static DistributedApplicationException StoppedWaiting(ResourceEvent dependency) => new(
        $"Stopped waiting for dependency resource '{dependency.Resource.Name}' because it is {dependency.Snapshot.State?.Text}.");

    private async Task WaitForReplicaAsync(WaitAnnotation wait, string id, CancellationToken cancellationToken)
    {
        var stop = wait.WaitBehavior == WaitBehavior.StopOnResourceUnavailable;
        var update = await WaitForResourceAsync(
            wait.Resource.Name,
            e => e.ResourceId.Equals(id, StringComparison.OrdinalIgnoreCase) && (Fulfils(e.Snapshot) || (stop && IsUnavailable(e.Snapshot))),
            cancellationToken).ConfigureAwait(false);
        if (!Fulfils(update.Snapshot))
        {
            throw StoppedWaiting(update);
        }

        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            CheckCompletion(wait, update);
        }
        else if (wait.WaitType == WaitType.WaitUntilHealthy && update.Snapshot.ResourceReadyEvent is { } ready)
        {
            await ready.EventTask.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        bool Fulfils(CustomResourceSnapshot snapshot) => wait.WaitType switch
        {
            WaitType.WaitForCompletion => snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state),
            WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
            _ => snapshot.HealthStatus == HealthStatus.Healthy && snapshot.ResourceReadyEvent is not null,
        };
    }

    private static void CheckCompletion(WaitAnnotation wait, ResourceEvent update)
    {
        if (update.Snapshot.State?.Text == KnownResourceStates.FailedToStart || update.Snapshot.ExitCode != wait.ExitCode)
        {
            throw new DistributedApplicationException(
                $"Dependency resource '{wait.Resource.Name}' ended as {update.Snapshot.State?.Text} with exit code {update.Snapshot.ExitCode}; {wait.ExitCode} was expected.");
        }
    }
}

internal sealed record ReplicaIdsAnnotation(IReadOnlyList<string> Ids) : IResourceAnnotation;
