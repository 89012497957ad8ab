namespace Sutra.Api.Ingestion.Jobs;

/// <summary>What becomes of a job, the same in every store. Null: it cannot be done to a job in this state.</summary>
internal static class JobRules
{
    public static Job Begun(Job job, DateTimeOffset now) =>
        job.State == JobState.Queued ? Changed(job) with { State = JobState.Running, StartedAt = job.StartedAt ?? now } : job;

    public static Job Committed(Job job, Work work, WorkOutcome outcome, DateTimeOffset now)
    {
        var failed = outcome.NotLearned.Count(item => item.State == ItemState.Failed);
        return EndedIfDone(
            Changed(job) with
            {
                Learned = job.Learned + outcome.Learned,
                Truncated = job.Truncated + outcome.Truncated,
                Failed = job.Failed + failed - work.Items.Count,
                Dead = job.Dead + outcome.NotLearned.Count - failed,
                RangesLeft = job.RangesLeft - (work.Range is null ? 0 : 1),
            },
            now);
    }

    public static Job? Paused(Job job) => job.IsOpen ? Changed(job) with { State = JobState.Paused } : null;

    public static Job? Resumed(Job job) => job.State switch
    {
        JobState.Paused => Changed(job) with { State = job.StartedAt is null ? JobState.Queued : JobState.Running },
        JobState.Queued or JobState.Running => job,
        _ => null,
    };

    public static Job? Cancelled(Job job, DateTimeOffset now) => job.State switch
    {
        JobState.Cancelled => job,
        _ when job.IsOpen => Ended(job, JobState.Cancelled, now),
        _ => null,
    };

    public static Job? Failed(Job job, string error, DateTimeOffset now) => job.IsOpen ? Ended(job, JobState.Failed, now) with { Error = error } : null;

    /// <summary>Dead letters are tried again, and what a failed job left undone is done.</summary>
    public static Job? Retried(Job job)
    {
        if (job.UploadRemoved || job.State == JobState.Cancelled || (job.Dead == 0 && job.State != JobState.Failed))
        {
            return null;
        }

        return Changed(job) with
        {
            State = job.IsOpen ? job.State : JobState.Running,
            Failed = job.Failed + job.Dead,
            Dead = 0,
            FinishedAt = null,
            Error = null,
            WebhookState = job.Webhook is null ? WebhookState.None : WebhookState.Waiting,
            WebhookAttempts = 0,
            WebhookNextAt = null,
            WebhookError = null,
        };
    }

    public static Job UploadRemoved(Job job) => Changed(job) with { UploadRemoved = true };

    public static Job WebhookTried(Job job, WebhookState state, DateTimeOffset? next, string? error) =>
        Changed(job) with { WebhookState = state, WebhookAttempts = job.WebhookAttempts + 1, WebhookNextAt = next, WebhookError = error };

    private static Job EndedIfDone(Job job, DateTimeOffset now) =>
        job.IsOpen && job.RangesLeft == 0 && job.Failed == 0 ? Ended(job, JobState.Completed, now) : job;

    private static Job Ended(Job job, JobState state, DateTimeOffset now) => Changed(job) with
    {
        State = state,
        FinishedAt = now,
        WebhookState = job.Webhook is null ? WebhookState.None : WebhookState.Due,
        WebhookNextAt = job.Webhook is null ? null : now,
    };

    private static Job Changed(Job job) => job with { Version = job.Version + 1 };
}
