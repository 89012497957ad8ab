using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Ingestion.Schedules;
using Sutra.Contracts.Api;

namespace Sutra.Api.Ingestion.Endpoints;

/// <summary>Records as callers see them.</summary>
internal static class JobResponses
{
    /// <param name="rate">Concepts a second of late; null: since the job began.</param>
    public static JobResponse ToResponse(this Job job, DateTimeOffset now, double? rate = null)
    {
        rate ??= RateOf(job, now);
        return new JobResponse(
            job.Id,
            Word(job.State),
            Word(job.Format),
            job.Collection,
            job.Owner,
            job.Priority,
            job.Bytes,
            job.Items,
            job.Learned,
            job.Truncated,
            job.Waiting,
            job.Failed,
            job.Dead,
            rate is { } known ? Math.Round(known, 1) : null,
            job.IsWorkable && rate > 0 ? Math.Round((job.Waiting + job.Failed) / rate.Value, 1) : null,
            job.CreatedAt,
            job.StartedAt,
            job.FinishedAt,
            job.Error,
            !job.UploadRemoved,
            job.WebhookState == WebhookState.None
                ? null
                : new WebhookContract(
                    Word(job.WebhookState), job.WebhookAttempts, job.WebhookState == WebhookState.Due ? job.WebhookNextAt : null, job.WebhookError),
            job.ScheduleId);
    }

    public static JobItemResponse ToResponse(this JobItem item) =>
        new(item.Line, Word(item.State), item.Attempts, item.Field, item.Code, item.Reason, item.NextAt);

    public static ScheduleResponse ToResponse(this Schedule schedule) => new(
        schedule.Id,
        schedule.Source,
        schedule.EveryMinutes,
        schedule.Collection,
        schedule.Owner,
        schedule.Priority,
        schedule.ContentColumn,
        schedule.Webhook,
        schedule.CreatedAt,
        schedule.NextAt,
        schedule.LastRunAt,
        schedule.LastResult,
        schedule.LastJobs);

    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static double? RateOf(Job job, DateTimeOffset now)
    {
        var seconds = ((job.FinishedAt ?? now) - job.StartedAt)?.TotalSeconds;
        return seconds > 0 ? job.Learned / seconds : null;
    }
}
