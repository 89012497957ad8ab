using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Api.Ingestion.Jobs;

/// <summary>
/// Jobs, what is left of them, and schedules; durable when a call returns. Times are the caller's. What is claimed stays with the one
/// who claimed it until its lease ends; a commit after that changes nothing and says so.
/// </summary>
internal interface IJobStore : IAsyncDisposable
{
    /// <summary>For people: what it is and where, without secrets.</summary>
    string Description { get; }

    /// <summary>Makes or reads what is needed. May be called again after it threw.</summary>
    /// <exception cref="ServiceDefaults.Startup.StartupException">It is there and must not be used: no later try can succeed.</exception>
    Task OpenAsync(CancellationToken cancellation);

    /// <summary>Whether what was thrown means that the store is away, as opposed to a mistake of ours.</summary>
    bool IsAway(Exception error);

    Task CreateAsync(Job job, IReadOnlyList<JobRange> ranges, CancellationToken cancellation);

    Task<Job?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    /// <param name="before">Only older ones than this id.</param>
    Task<IReadOnlyList<Job>> ListAsync(JobState? state, string? before, int count, CancellationToken cancellation);

    /// <summary>By line.</summary>
    /// <param name="after">Only later lines than this.</param>
    Task<IReadOnlyList<JobItem>> ListItemsAsync(string id, ItemState? state, long after, int count, CancellationToken cancellation);

    /// <summary>Changes a job by a rule, in one step.</summary>
    /// <param name="rule">Null: it cannot be done.</param>
    /// <param name="deadAgain">All dead letters become failed ones, due now, with no attempts made.</param>
    /// <returns>The job as it is afterwards, and whether the rule was followed; null when there is no such job.</returns>
    Task<(Job Job, bool Done)?> ChangeAsync(string id, Func<Job, Job?> rule, bool deadAgain, DateTimeOffset now, CancellationToken cancellation);

    /// <returns>The job as it was; null when there was none.</returns>
    Task<Job?> DeleteAsync(string id, CancellationToken cancellation);

    /// <summary>The next thing to do: of the first job by priority, then age; items whose time has come before ranges.</summary>
    /// <param name="spoolId">Only jobs whose upload lies in this folder.</param>
    /// <param name="mostItems">How many items to try again at once.</param>
    Task<Work?> ClaimAsync(string spoolId, int mostItems, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>What is still being worked on stays with the one who works on it.</summary>
    Task RenewAsync(IReadOnlyCollection<Guid> leases, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Gives back what was not done.</summary>
    /// <param name="notBefore">When it may be claimed again.</param>
    Task ReleaseAsync(Guid lease, DateTimeOffset notBefore, CancellationToken cancellation);

    /// <summary>Outcome, counts and the job's end in one step.</summary>
    /// <returns>The job afterwards; null when the lease had ended and nothing was changed.</returns>
    Task<Job?> CommitAsync(Work work, WorkOutcome outcome, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Items of open jobs that are neither learned nor dead.</summary>
    Task<long> BacklogAsync(CancellationToken cancellation);

    /// <summary>Ended jobs of this folder whose upload nobody needs any more: no dead letters, or they ended before then.</summary>
    Task<IReadOnlyList<Job>> UploadsToRemoveAsync(string spoolId, DateTimeOffset endedBefore, CancellationToken cancellation);

    /// <summary>Jobs that ended before then, and whose upload is gone.</summary>
    Task<IReadOnlyList<string>> ExpiredAsync(DateTimeOffset endedBefore, CancellationToken cancellation);

    /// <summary>A job whose webhook is due, which nobody else gets before the lease ends.</summary>
    Task<Job?> ClaimWebhookAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation);

    Task SaveScheduleAsync(Schedule schedule, CancellationToken cancellation);

    Task<Schedule?> FindScheduleAsync(string id, CancellationToken cancellation);

    Task<IReadOnlyList<Schedule>> ListSchedulesAsync(CancellationToken cancellation);

    Task<bool> DeleteScheduleAsync(string id, CancellationToken cancellation);

    /// <summary>A schedule whose time has come, which nobody else gets before the lease ends.</summary>
    Task<Schedule?> ClaimScheduleAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>The run goes on.</summary>
    Task RenewScheduleAsync(string id, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>The run is over; of no effect when the schedule was deleted meanwhile.</summary>
    Task FinishScheduleAsync(Schedule schedule, CancellationToken cancellation);
}
