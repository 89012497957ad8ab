using System.Net.Sockets;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Orchestration;

/// <summary>Run mode: starts every resource, all at once except where one waits for another, and stops them in the reverse order.</summary>
internal sealed class Orchestrator(
    IResourceCollection resources,
    AppHostInfo appHost,
    ResourceNotificationService notifications,
    ConsoleReporter reporter,
    Watchdog watchdog,
    TimeProvider time,
    IServiceProvider services) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly Dictionary<IResource, List<ReplicaRunner>> _runners = [];
    private readonly List<TcpProxy> _proxies = [];
    private readonly List<Task> _background = [];
    private PosixSignalRegistration? _secondInterrupt;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        await CheckParametersAsync(cancellationToken).ConfigureAwait(false);
        new PortAllocator().Allocate(resources.OfType<IResourceWithEndpoints>());
        DecideWaitBehavior();
        watchdog.Start();
        reporter.Introduce([.. resources.Where(HasProcess).SelectMany(Labels)]);
        foreach (var endpoint in resources.SelectMany(r => r.Annotations.OfType<EndpointAnnotation>()).Where(e => e.ReplicaPorts.Count > 0))
        {
            try
            {
                _proxies.Add(new TcpProxy(endpoint.AllocatedEndpoint!.Port, endpoint.ReplicaPorts));
            }
            catch (SocketException e)
            {
                throw new DistributedApplicationException($"The proxy of the endpoint '{endpoint.Name}' cannot listen on port {endpoint.AllocatedEndpoint!.Port}: {e.Message}", e);
            }
        }

        var containers = ContainersAsync();
        foreach (var resource in resources)
        {
            Introduce(resource);
        }

        foreach (var resource in resources)
        {
            _background.Add(Task.Run(() => StartResourceAsync(resource, containers), CancellationToken.None));
        }

        _background.Add(Task.Run(() => new StartupTable(resources, notifications, reporter, time).PrintWhenUpAsync(begun, _stopping.Token), CancellationToken.None));
        _secondInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        reporter.Notice("Stopping.");
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var hurried = cancellationToken.Register(_hurry.Cancel);
        await StopOrder.StopAsync(
            [.. resources],
            resource => Task.WhenAll(_runners.TryGetValue(resource, out var runners) ? runners.Select(r => r.StopAsync(_hurry.Token)) : [])).ConfigureAwait(false);
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        watchdog.Dispose();
        reporter.Notice("Stopped.");
    }

    public async ValueTask DisposeAsync()
    {
        _secondInterrupt?.Dispose();
        // Only what StartAsync left behind when it failed half-way: after StopAsync there is nothing.
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
        }

        watchdog.Dispose();
    }

    private static bool HasProcess(IResource resource) => resource is ProjectResource or ExecutableResource or ContainerResource;

    private static IEnumerable<string> Labels(IResource resource)
    {
        var count = PortAllocator.Replicas(resource);
        return count == 1 ? [resource.Name] : Enumerable.Range(1, count).Select(i => $"{resource.Name}/{i}");
    }

    /// <summary>A second Ctrl-C: no more patience.</summary>
    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stopping.IsCancellationRequested)
        {
            _hurry.Cancel();
        }
    }

    private async Task CheckParametersAsync(CancellationToken cancellation)
    {
        var missing = new List<string>();
        foreach (var parameter in resources.OfType<ParameterResource>())
        {
            try
            {
                await parameter.GetValueAsync(cancellation).ConfigureAwait(false);
            }
            catch (MissingParameterValueException e)
            {
                missing.Add(e.Message);
            }
        }

        if (missing.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(' ', missing));
        }
    }

    /// <summary>Without a dashboard nobody can start a dead dependency by hand: waiting for it would never end.</summary>
    private void DecideWaitBehavior()
    {
        var otherwise = appHost.DashboardDisabled ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable;
        foreach (var resource in resources)
        {
            for (var i = 0; i < resource.Annotations.Count; i++)
            {
                if (resource.Annotations[i] is WaitAnnotation { WaitBehavior: null } wait)
                {
                    resource.Annotations[i] = new WaitAnnotation(wait.Resource, wait.WaitType, wait.ExitCode) { WaitBehavior = otherwise };
                }
            }
        }
    }

    private void Introduce(IResource resource)
    {
        if (!HasProcess(resource))
        {
            notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.NotStarted, HealthReports = HealthMonitor.Unknown(resource) });
            return;
        }

        var changed = new AsyncSignal();
        var awaited = resources.SelectMany(r => r.Annotations.OfType<WaitAnnotation>())
            .Any(w => w.Resource == resource && w.WaitType == WaitType.WaitForCompletion);
        var ends = awaited ? EndPolicy.Job : resource.Annotations.OfType<EndpointAnnotation>().Any() ? EndPolicy.Service : EndPolicy.Program;
        var replicas = Labels(resource).Select((label, index) => Describe(resource, label, index)).ToArray();
        resource.Annotations.Add(new ReplicaIdsAnnotation([.. replicas.Select(r => r.Id)]));
        _runners[resource] =
        [
            .. replicas.Select(replica => ActivatorUtilities.CreateInstance<ReplicaRunner>(services, resource, replica, ends, changed)),
        ];
        foreach (var replica in replicas)
        {
            notifications.PublishUpdateAsync(resource, replica.Id, s => s with { State = KnownResourceStates.NotStarted, HealthReports = HealthMonitor.Unknown(resource) });
        }

        _background.Add(Task.Run(() => services.GetRequiredService<HealthMonitor>().WatchAsync(resource, changed, _stopping.Token), CancellationToken.None));
    }

    private static Replica Describe(IResource resource, string label, int index)
    {
        var suffix = new string(System.Security.Cryptography.RandomNumberGenerator.GetItems<char>("abcdefghijkmnpqrstuvwxyz", 8));
        var ports = resource.Annotations.OfType<EndpointAnnotation>().ToDictionary(
            e => e.Name,
            e => e.ReplicaPorts.Count > 0 ? e.ReplicaPorts[index] : resource is ContainerResource ? e.TargetPort!.Value : e.AllocatedEndpoint!.Port,
            StringComparer.OrdinalIgnoreCase);
        return new Replica($"{resource.Name}-{suffix}", label, suffix, ports);
    }

    private async Task StartResourceAsync(IResource resource, Task<string?> containers)
    {
        if (resource.Annotations.OfType<ExplicitStartupAnnotation>().Any())
        {
            return;
        }

        if (!HasProcess(resource))
        {
            await FollowParentAsync(resource).ConfigureAwait(false);
            return;
        }

        if (resource is ContainerResource && await containers.ConfigureAwait(false) is not null)
        {
            foreach (var id in ResourceNotificationService.ReplicaIds(resource))
            {
                await notifications.PublishUpdateAsync(resource, id, s => s with { State = KnownResourceStates.RuntimeUnhealthy }).ConfigureAwait(false);
            }

            reporter.State(resource.Name, "RuntimeUnhealthy", good: false);
            return;
        }

        _runners[resource].ForEach(runner => runner.Start());
    }

    private async Task<string?> ContainersAsync()
    {
        var problem = resources.OfType<ContainerResource>().Any() ? await ContainerRuntime.ProblemAsync(_stopping.Token).ConfigureAwait(false) : null;
        if (problem is not null)
        {
            reporter.Notice($"warning: {problem}");
        }

        return problem;
    }

    /// <summary>A resource without a process of its own, such as a database, is there once its parent is ready.</summary>
    private async Task FollowParentAsync(IResource resource)
    {
        if (resource is IResourceWithParent { Parent: var parent })
        {
            foreach (var id in ResourceNotificationService.ReplicaIds(parent))
            {
                var ready = await notifications.WaitForResourceAsync(
                    parent.Name,
                    e => e.ResourceId == id && e.Snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReadyEvent: not null },
                    _stopping.Token).ConfigureAwait(false);
                await ready.Snapshot.ResourceReadyEvent!.EventTask.ConfigureAwait(false);
            }
        }

        await notifications.PublishUpdateAsync(resource, s => s with { State = KnownResourceStates.Running }).ConfigureAwait(false);
        if (resource is IResourceWithoutLifetime)
        {
            return;
        }

        await services.GetRequiredService<HealthMonitor>().WatchAsync(resource, new AsyncSignal(), _stopping.Token).ConfigureAwait(false);
    }
}
