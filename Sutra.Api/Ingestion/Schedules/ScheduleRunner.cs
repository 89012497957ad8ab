using Microsoft.Extensions.Options;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Outbound;
using Sutra.Api.Telemetry;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Ingestion.Schedules;

/// <summary>Runs schedules whose time has come, one instance each, one after the other. However many runs were missed, one is made.</summary>
internal sealed partial class ScheduleRunner(
    IJobStore store,
    FolderSource folders,
    AddressSource addresses,
    InternalToken tokens,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<ScheduleRunner> logger)
{
    public async Task RunDueAsync(CancellationToken cancellation)
    {
        while (await store.ClaimScheduleAsync(time.GetUtcNow(), Until(), cancellation) is { } schedule)
        {
            using var renewing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var renewal = RenewAsync(schedule.Id, renewing.Token);
            try
            {
                var run = await RunAsync(schedule, cancellation);
                await store.FinishScheduleAsync(Finished(schedule, run), cancellation);
                Log.Ran(logger, schedule.Id, run.Result, run.Jobs.Count);
            }
            finally
            {
                await renewing.CancelAsync();
                await renewal;
            }
        }
    }

    private DateTimeOffset Until() => time.GetUtcNow() + options.Value.Lease;

    private Schedule Finished(Schedule schedule, ScheduleRun run)
    {
        var now = time.GetUtcNow();
        var every = TimeSpan.FromMinutes(schedule.EveryMinutes);
        var missed = now >= schedule.NextAt ? (long)((now - schedule.NextAt) / every) : 0;
        return schedule with
        {
            NextAt = schedule.NextAt + (every * (missed + 1)),
            LastRunAt = now,
            LastResult = run.Result,
            LastJobs = run.Jobs,
            Seen = run.Seen,
        };
    }

    private async Task<ScheduleRun> RunAsync(Schedule schedule, CancellationToken cancellation)
    {
        using var activity = ApiTelemetry.Source.StartActivity("ingest schedule");
        activity?.SetTag("sutra.schedule", schedule.Id);
        var caller = new Caller(schedule.Subject, tokens.Mint(new CallerIdentity(schedule.Subject, [Permissions.Read, Permissions.Write])));
        try
        {
            return Path.IsPathFullyQualified(schedule.Source)
                ? await folders.RunAsync(schedule, caller, cancellation)
                : await addresses.RunAsync(schedule, caller, cancellation);
        }
        catch (OutboundException e)
        {
            return new ScheduleRun(e.Code, [], schedule.Seen);
        }
        catch (ApiProblem e)
        {
            return new ScheduleRun(e.Code, [], schedule.Seen);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ScheduleRun("unreadable", [], schedule.Seen);
        }
    }

    private async Task RenewAsync(string id, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Value.Lease / 3, time, cancellation);
                await store.RenewScheduleAsync(id, Until(), cancellation);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || store.IsAway(e))
        {
            // The run is over; or somebody else may take it over, which makes no job that is not there already.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2231, LogLevel.Information, "Schedule {Schedule}: {Result}, {Jobs} jobs")]
        public static partial void Ran(ILogger logger, string schedule, string result, int jobs);
    }
}

/// <summary>What came of a run.</summary>
/// <param name="Result"><c>created</c>, <c>unchanged</c>, or a code of what went wrong.</param>
internal sealed record ScheduleRun(string Result, IReadOnlyList<string> Jobs, IReadOnlyDictionary<string, Seen> Seen)
{
    public const string Created = "created";
    public const string Unchanged = "unchanged";
}
