using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;

namespace Aspire.Hosting.Orchestration;

/// <summary>What the end of a process means.</summary>
internal enum EndPolicy
{
    /// <summary>It may end well; ending badly is a crash.</summary>
    Program,

    /// <summary>It has endpoints: it must not end at all.</summary>
    Service,

    /// <summary>Others wait for its end, whatever it is.</summary>
    Job,
}

/// <summary>Takes one replica through its life: waits, starts, watches, restarts after a crash, stops.</summary>
internal sealed class ReplicaRunner(
    IResource resource,
    Replica replica,
    EndPolicy ends,
    AsyncSignal changed,
    LaunchPlanner planner,
    Watchdog watchdog,
    RestartPolicy restarts,
    StopPolicy stops,
    ResourceNotificationService notifications,
    ConsoleReporter reporter,
    TimeProvider time)
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _hurry = new();
    private Task _life = Task.CompletedTask;

    /// <summary>Of no effect once it was told to stop.</summary>
    public void Start()
    {
        lock (_stopping)
        {
            if (!_stopping.IsCancellationRequested)
            {
                _life = Task.Run(LiveAsync);
            }
        }
    }

    /// <summary>Ends the process, gently first; <paramref name="hurry"/> cuts the patience short.</summary>
    public async Task StopAsync(CancellationToken hurry)
    {
        using var hurrying = hurry.Register(() => _hurry.Cancel());
        lock (_stopping)
        {
            _stopping.Cancel();
        }

        await _life.ConfigureAwait(false);
    }

    private async Task LiveAsync()
    {
        var attempt = 0;
        try
        {
            while (true)
            {
                await WaitForDependenciesAsync().ConfigureAwait(false);
                var started = time.GetTimestamp();
                var end = await RunOnceAsync().ConfigureAwait(false);
                if (end is not { } exitCode || _stopping.IsCancellationRequested)
                {
                    return;
                }

                var ran = time.GetElapsedTime(started);
                if (ends == EndPolicy.Job || (ends == EndPolicy.Program && exitCode == 0))
                {
                    await PublishAsync(exitCode == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited, exitCode).ConfigureAwait(false);
                    reporter.State(replica.Label, exitCode == 0 ? "Finished" : $"Exited with {UnixSignals.Describe(exitCode)}", good: exitCode == 0);
                    return;
                }

                attempt = ran >= restarts.WellAfter ? 1 : attempt + 1;
                await RestartLaterAsync(exitCode, ran, attempt).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped while it waited for its turn.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await PublishAsync(KnownResourceStates.FailedToStart).ConfigureAwait(false);
            reporter.State(replica.Label, $"FailedToStart: {e.Message}", good: false);
        }
    }

    private async Task WaitForDependenciesAsync()
    {
        var waits = notifications.WaitForDependenciesAsync(resource, _stopping.Token);
        if (!waits.IsCompleted)
        {
            var names = resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name).Distinct(StringComparer.Ordinal);
            await PublishAsync(KnownResourceStates.Waiting).ConfigureAwait(false);
            reporter.State(replica.Label, $"Waiting for {string.Join(", ", names)}");
        }

        await waits.ConfigureAwait(false);
    }

    /// <summary>The exit code; null when it was we who stopped it.</summary>
    private async Task<int?> RunOnceAsync()
    {
        await PublishAsync(KnownResourceStates.Starting).ConfigureAwait(false);
        var plan = await planner.PlanAsync(resource, replica, _stopping.Token).ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
        using var process = ChildProcess.Start(plan, watchdog);
        reporter.State(replica.Label, string.Create(CultureInfo.InvariantCulture, $"Running (pid {process.Id})"));
        process.ReadOutput(line => reporter.Line(replica.Label, line));
        await PublishAsync(KnownResourceStates.Running).ConfigureAwait(false);
        var exit = process.WaitForExitAsync();
        var stop = Task.Delay(Timeout.Infinite, _stopping.Token);
        if (await Task.WhenAny(exit, stop).ConfigureAwait(false) == exit && !_stopping.IsCancellationRequested)
        {
            return await exit.ConfigureAwait(false);
        }

        await PublishAsync(KnownResourceStates.Stopping).ConfigureAwait(false);
        await process.StopAsync(stops.Grace, time, _hurry.Token).ConfigureAwait(false);
        var code = await exit.ConfigureAwait(false);
        await PublishAsync(KnownResourceStates.Exited, code).ConfigureAwait(false);
        reporter.State(replica.Label, $"Stopped ({UnixSignals.Describe(code)})");
        return null;
    }

    private async Task RestartLaterAsync(int exitCode, TimeSpan ran, int attempt)
    {
        await PublishAsync(KnownResourceStates.Exited, exitCode).ConfigureAwait(false);
        var delay = restarts.DelayBefore(attempt);
        reporter.State(
            replica.Label,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Ended unexpectedly with {UnixSignals.Describe(exitCode)} after {ran.TotalSeconds:0.0} s; restart {attempt} in {delay.TotalSeconds:0.0} s"),
            good: false);
        await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(false);
    }

    private async Task PublishAsync(string state, int? exitCode = null)
    {
        var now = time.GetUtcNow().UtcDateTime;
        await notifications.PublishUpdateAsync(resource, replica.Id, s => s with
        {
            State = state,
            ExitCode = exitCode,
            HealthReports = HealthMonitor.Unknown(resource),
            StartTimeStamp = state == KnownResourceStates.Running ? now : s.StartTimeStamp,
            StopTimeStamp = state == KnownResourceStates.Exited || state == KnownResourceStates.Finished ? now : null,
        }).ConfigureAwait(false);
        changed.Set();
    }
}
