using System.Collections.Concurrent;
using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Identity;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Reembedding;

/// <summary>
/// Goes on with every re-embedding that nobody works on: those that were begun here, and those that another instance, or an earlier run, left. The storage
/// says which there are and who works on them.
/// </summary>
internal sealed partial class ReembeddingService(
    CollectionStoreClient store, ConceptCopier copier, CollectionDirectory directory, ServiceIdentity identity, TimeProvider time, ILogger<ReembeddingService> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    private readonly string _worker = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _begun = new(0);

    /// <summary>There is a new one.</summary>
    public void Wake() => _begun.Release();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await LookAsync(stoppingToken);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(_begun.WaitAsync(either.Token), Task.Delay(s_look, time, either.Token));
                await either.CancelAsync();
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(_running.Values);
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        try
        {
            foreach (var target in await store.ListAsync(identity.Caller, stopping, replacements: true))
            {
                if (target.Replacement is { Working: false } && !_running.ContainsKey(target.Id))
                {
                    _running[target.Id] = RunAsync(target, stopping);
                }
            }
        }
        catch (ComponentException)
        {
            // /health tells of it.
        }
    }

    private async Task RunAsync(Collection target, CancellationToken stopping)
    {
        await Task.Yield();
        var of = target.Replacement.Of;
        try
        {
            Log.Begun(logger, of, target.Settings.Model, target.Concepts);
            await new Reembedder(target, store, copier, () => CallerOf(target), _worker, logger).RunAsync(stopping);
            Log.Ended(logger, of, target.Settings.Model);
        }
        catch (ComponentException e) when (e.Component == Components.Storage && e.StatusCode == StatusCode.NotFound)
        {
            Log.Cancelled(logger, of);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Log.Failed(logger, of, e is CannotCopyException or ComponentException ? e.Message : e.GetType().Name);
            await TellAsync(target, e is CannotCopyException ? e.Message : e is ComponentException failed ? $"The {failed.Component} failed: {failed.StatusCode}." : "It failed.", stopping);
        }
        catch (OperationCanceledException)
        {
            // The host stops; another instance, or the next start, goes on.
        }
        finally
        {
            directory.Forget();
            _running.TryRemove(target.Id, out _);
        }
    }

    // Who is told of a failure is also whom nobody waits for until the lease ends: that is the pause before it is tried again.
    private async Task TellAsync(Collection target, string failure, CancellationToken stopping)
    {
        try
        {
            await store.FollowAsync(new FollowRequest { Name = target.Name, Worker = _worker, Failure = failure }, CallerOf(target), stopping);
        }
        catch (Exception e) when (e is ComponentException or OperationCanceledException)
        {
            // It will be told when it fails again.
        }
    }

    private Caller CallerOf(Collection target) => identity.For(target.Replacement.RequestedBy, Permissions.Admin);

    private static partial class Log
    {
        [LoggerMessage(2311, LogLevel.Information, "Re-embedding collection {Collection} with {Model}: {Concepts} concepts are done")]
        public static partial void Begun(ILogger logger, string collection, string model, long concepts);

        [LoggerMessage(2312, LogLevel.Information, "Collection {Collection} is re-embedded with {Model}")]
        public static partial void Ended(ILogger logger, string collection, string model);

        [LoggerMessage(2313, LogLevel.Information, "Re-embedding collection {Collection} was cancelled")]
        public static partial void Cancelled(ILogger logger, string collection);

        [LoggerMessage(2314, LogLevel.Warning, "Re-embedding collection {Collection} failed, and is tried again: {Failure}")]
        public static partial void Failed(ILogger logger, string collection, string failure);
    }
}
