using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Auditing;

/// <summary>
/// Commits records in groups: while one group is being written the next one gathers, so the trail costs a request about one
/// commit however many requests there are. While the store is away every request is refused at once, and the store is tried
/// again in the background until it is back.
/// </summary>
internal sealed partial class AuditTrail(
    IAuditStore store,
    IOptions<AuditOptions> options,
    TimeProvider time,
    ILogger<AuditTrail> logger,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    private const int MaxGroup = 512;

    private readonly Channel<Entry> _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(4096)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private volatile bool _available;
    private volatile bool _opened;

    public bool IsAvailable => _available;

    /// <summary>The store has been there at least once.</summary>
    public bool HasOpened => _opened;

    /// <summary>Returns when the record is durable.</summary>
    /// <exception cref="ApiProblem">503: it is not, so what it stands for must not be answered.</exception>
    public Task CommitAsync(AuditRecord record, CancellationToken cancellation) => EnqueueAsync(record, cancellation);

    /// <summary>Asks the store for a sign of life, in turn with the records.</summary>
    /// <exception cref="ApiProblem">503.</exception>
    public Task PingAsync(CancellationToken cancellation) => EnqueueAsync(null, cancellation);

    /// <summary>Refuses what would be refused later anyhow.</summary>
    /// <exception cref="ApiProblem">503.</exception>
    public void RequireAvailable()
    {
        if (!_available)
        {
            throw Unavailable();
        }
    }

    /// <summary>Tries the store once before requests are let in; one that cannot be used stops the start, one that is away does not.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryOpenAsync(firstTry: true, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                while (!_available)
                {
                    FailQueued();
                    await Task.Delay(options.Value.RetryEvery, time, stoppingToken);
                    await TryOpenAsync(firstTry: false, stoppingToken);
                }

                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
        catch (StartupException e)
        {
            // Fail closed: a trail that was tampered with while we ran ends the service; the next start says why in one line.
            Log.Unusable(logger, e.Message);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
        finally
        {
            _available = false;
            _queue.Writer.TryComplete();
            FailQueued();
            await store.DisposeAsync();
        }
    }

    private async Task EnqueueAsync(AuditRecord? record, CancellationToken cancellation)
    {
        RequireAvailable();
        var entry = new Entry(record, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        // Waiting in line counts: a store that is too slow for its load is as good as away.
        var limit = options.Value.Timeout * 2;
        try
        {
            using var timeout = new CancellationTokenSource(limit, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            await _queue.Writer.WriteAsync(entry, linked.Token);
            await entry.Done.Task.WaitAsync(linked.Token);
        }
        catch (ChannelClosedException)
        {
            throw Unavailable();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Unavailable();
        }
    }

    private async Task TryOpenAsync(bool firstTry, CancellationToken stopping)
    {
        try
        {
            await Limited(store.OpenAsync, store.OpenLimit, stopping);
            if (_opened)
            {
                Log.Recovered(logger, store.Description);
            }
            else
            {
                Log.Opened(logger, store.Description);
            }

            _opened = true;
            _available = true;
        }
        catch (Exception e) when (e is not StartupException && !stopping.IsCancellationRequested)
        {
            if (firstTry)
            {
                Log.Away(logger, store.Description, store.Explain(e));
            }
        }
    }

    /// <summary>Writes group after group until the store fails.</summary>
    private async Task WriteAsync(CancellationToken stopping)
    {
        var group = new List<Entry>(MaxGroup);
        var records = new List<AuditRecord>(MaxGroup);
        while (await _queue.Reader.WaitToReadAsync(stopping))
        {
            group.Clear();
            records.Clear();
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var entry))
            {
                group.Add(entry);
                if (entry.Record is { } record)
                {
                    records.Add(record);
                }
            }

            if (await TryWriteAsync(records, stopping))
            {
                Complete(group);
                continue;
            }

            _available = false;
            Fail(group);
            FailQueued();
            return;
        }
    }

    private async Task<bool> TryWriteAsync(List<AuditRecord> records, CancellationToken stopping)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await Limited(limited => records.Count == 0 ? store.PingAsync(limited) : store.AppendAsync(records, limited), options.Value.Timeout, stopping);
                return true;
            }
            catch (Exception e) when (e is not StartupException && !stopping.IsCancellationRequested)
            {
                // A store that was restarted since the last record shows it only now, as a dead connection.
                if (attempt > 0 || e is TimeoutException || !await TryReopenAsync(stopping))
                {
                    Log.Lost(logger, store.Description, store.Explain(e));
                    return false;
                }
            }
        }
    }

    private async Task<bool> TryReopenAsync(CancellationToken stopping)
    {
        try
        {
            await Limited(store.OpenAsync, store.OpenLimit, stopping);
            return true;
        }
        catch (Exception e) when (e is not StartupException && !stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Gives up on the store's work in time even when the store, waiting for a server that hangs, does not.</summary>
    private async Task Limited(Func<CancellationToken, Task> work, TimeSpan limit, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            await work(linked.Token).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    private void FailQueued()
    {
        while (_queue.Reader.TryRead(out var entry))
        {
            entry.Done.TrySetException(Unavailable());
        }
    }

    private static void Complete(List<Entry> group)
    {
        foreach (var entry in group)
        {
            entry.Done.TrySetResult();
        }
    }

    private static void Fail(List<Entry> group)
    {
        foreach (var entry in group)
        {
            entry.Done.TrySetException(Unavailable());
        }
    }

    private static ApiProblem Unavailable() =>
        ApiProblem.Unavailable(Components.Audit, "The audit trail is unavailable, and nothing is served without a record of it.");

    private sealed record Entry(AuditRecord? Record, TaskCompletionSource Done);

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Information, "Audit trail: {Store}")]
        public static partial void Opened(ILogger logger, string store);

        [LoggerMessage(2102, LogLevel.Warning, "Audit trail is not there yet ({Store}): {Error}; requests are refused until it is")]
        public static partial void Away(ILogger logger, string store, string error);

        [LoggerMessage(2103, LogLevel.Error, "Audit trail lost ({Store}): {Error}; requests are refused until it is back")]
        public static partial void Lost(ILogger logger, string store, string error);

        [LoggerMessage(2104, LogLevel.Information, "Audit trail is back: {Store}")]
        public static partial void Recovered(ILogger logger, string store);

        [LoggerMessage(2105, LogLevel.Critical, "Audit trail cannot be used: {Reason}")]
        public static partial void Unusable(ILogger logger, string reason);
    }
}
