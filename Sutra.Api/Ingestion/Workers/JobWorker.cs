using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Uploads;
using Sutra.Api.Telemetry;

namespace Sutra.Api.Ingestion.Workers;

/// <summary>Claims what is to be done, as much at once as is sustained, and does it. What was begun when the host stops is given back.</summary>
internal sealed partial class JobWorker(
    IJobStore store,
    Spool spool,
    GroupWorker worker,
    IngestionTelemetry telemetry,
    JobSignal signal,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<JobWorker> logger)
{
    // Items that are tried again at once: fewer than in a range, as each is read for itself.
    private const int MostItems = 128;

    private readonly ConcurrentDictionary<Guid, byte> _leases = new();
    private readonly AdaptiveLimit _limit = new(
        options.Value.MinConcurrency, options.Value.MaxConcurrency, options.Value.TargetLatency, options.Value.MaxWait, time);

    /// <summary>Groups that are being learned.</summary>
    public int Underway => _leases.Count;

    /// <summary>Nothing is begun for a while, as a component is away or has no capacity.</summary>
    public bool IsWaiting => _limit.ClosedFor > TimeSpan.Zero;

    /// <summary>Until the host stops, and what was begun is given back.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var running = new ConcurrentDictionary<Task, byte>();
        try
        {
            while (true)
            {
                var epoch = await _limit.EnterAsync(stopping);
                telemetry.Limit(_limit.Limit);
                var next = signal.Next;
                if (await ClaimAsync(stopping) is not { } work)
                {
                    _limit.ExitIdle();
                    await JobSignal.WaitAsync(next, options.Value.PollEvery, time, stopping);
                    continue;
                }

                var task = Task.Run(() => DoAsync(work, epoch, stopping), CancellationToken.None);
                running[task] = 0;
                _ = task.ContinueWith(ended => running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            await Task.WhenAll(running.Keys);
        }
    }

    /// <summary>What is under way stays ours.</summary>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        if (!_leases.IsEmpty)
        {
            await store.RenewAsync([.. _leases.Keys], Until(), cancellation);
        }
    }

    private DateTimeOffset Until() => time.GetUtcNow() + options.Value.Lease;

    private async Task<Work?> ClaimAsync(CancellationToken stopping)
    {
        try
        {
            return await store.ClaimAsync(spool.Id, MostItems, time.GetUtcNow(), Until(), stopping);
        }
        catch (Exception e) when (store.IsAway(e))
        {
            Log.StoreAway(logger, e.GetType().Name);
            return null;
        }
    }

    private async Task DoAsync(Work work, int epoch, CancellationToken stopping)
    {
        using var activity = ApiTelemetry.Source.StartActivity("ingest group");
        activity?.SetTag("sutra.job", work.Job.Id);
        _leases[work.Lease] = 0;
        TimeSpan? took = null;
        var leave = () => _limit.Exit(epoch, took);
        try
        {
            var outcome = await worker.DoAsync(work, Measure, stopping);
            await CommitAsync(work, outcome);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await ReleaseAsync(work, time.GetUtcNow());
        }
        catch (AwayException e)
        {
            leave = () => Away(epoch, e);
            activity?.SetStatus(ActivityStatusCode.Error, e.Component);
            await ReleaseAsync(work, time.GetUtcNow());
        }
        catch (JobFailedException e)
        {
            await FailAsync(work, e.Code);
        }
        catch (Exception e) when (store.IsAway(e))
        {
            leave = () => _limit.ExitAway(epoch);
            Log.StoreAway(logger, e.GetType().Name);
            await ReleaseAsync(work, time.GetUtcNow());
        }
        catch (Exception e)
        {
            // A mistake of ours: the job stops instead of trying for ever. The exception's message may hold what was uploaded.
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            Log.Broken(logger, work.Job.Id, e.GetType().Name, e.StackTrace);
            await FailAsync(work, "internal_error");
        }
        finally
        {
            _leases.TryRemove(work.Lease, out _);
            leave();
            signal.Set();
        }

        void Measure(TimeSpan duration, int items)
        {
            telemetry.Group(duration);
            took = items * 4 >= options.Value.RangeItems ? duration : null;
        }
    }

    private void Away(int epoch, AwayException e)
    {
        if (e.Overloaded)
        {
            _limit.ExitOverloaded(epoch);
        }
        else
        {
            _limit.ExitAway(epoch);
        }

        Log.Away(logger, e.Component, _limit.ClosedFor.TotalMilliseconds);
    }

    private async Task CommitAsync(Work work, WorkOutcome outcome)
    {
        // What was learned is learned: it is put on record although the host stops.
        if (await store.CommitAsync(work, outcome, time.GetUtcNow(), CancellationToken.None) is not { } job)
        {
            Log.LeaseLost(logger, work.Job.Id);
            return;
        }

        var dead = outcome.NotLearned.Count(item => item.State == ItemState.Dead);
        telemetry.Items(outcome.Learned, outcome.NotLearned.Count - dead, dead);
        if (job.IsOpen && job.Dead > options.Value.MaxDeadLetters)
        {
            await FailAsync(work, "too_many_dead_letters");
        }
        else if (!job.IsOpen)
        {
            Ended(job);
        }
    }

    private async Task FailAsync(Work work, string code)
    {
        await ReleaseAsync(work, time.GetUtcNow());
        try
        {
            if (await store.ChangeAsync(work.Job.Id, job => JobRules.Failed(job, code, time.GetUtcNow()), deadAgain: false, time.GetUtcNow(), CancellationToken.None)
                is { Done: true } changed)
            {
                Ended(changed.Job);
            }
        }
        catch (Exception e) when (store.IsAway(e))
        {
            // It will be found out again.
            Log.StoreAway(logger, e.GetType().Name);
        }
    }

    private void Ended(Job job)
    {
        telemetry.JobChanged(job.State.ToString().ToLowerInvariant());
        Log.Ended(logger, job.Id, job.State, job.Learned, job.Dead, job.Error);
    }

    private async Task ReleaseAsync(Work work, DateTimeOffset notBefore)
    {
        try
        {
            await store.ReleaseAsync(work.Lease, notBefore, CancellationToken.None);
        }
        catch (Exception e) when (store.IsAway(e))
        {
            // The lease ends by itself.
            Log.StoreAway(logger, e.GetType().Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Warning, "Ingestion waits {Milliseconds:F0} ms: the {Component} is away or has no capacity")]
        public static partial void Away(ILogger logger, string component, double milliseconds);

        [LoggerMessage(2202, LogLevel.Warning, "Ingestion waits: jobs cannot be read or written ({Error})")]
        public static partial void StoreAway(ILogger logger, string error);

        [LoggerMessage(2203, LogLevel.Information, "A group of job {Job} was done by somebody else, too: its lease had ended")]
        public static partial void LeaseLost(ILogger logger, string job);

        [LoggerMessage(2204, LogLevel.Error, "Job {Job} failed on an error of ours: {Error}\n{Stack}")]
        public static partial void Broken(ILogger logger, string job, string error, string? stack);

        [LoggerMessage(2205, LogLevel.Information, "Job {Job} {State}: {Learned} learned, {Dead} dead letters, error {Error}")]
        public static partial void Ended(ILogger logger, string job, JobState state, long learned, long dead, string? error);
    }
}
