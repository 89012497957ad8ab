using System.Data.Common;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Sutra.Api.Ingestion.Jobs.Embedded;
using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Api.Ingestion.Jobs.Postgres;

/// <summary>Rows to records and back.</summary>
internal static class JobRows
{
    /// <summary>In the order of <see cref="Values(Job)"/> and <see cref="ReadJob"/>.</summary>
    public const string JobColumns =
        "id, state, format, subject, spool_id, collection, owner, priority, content_column, webhook, schedule_id, bytes, header_bytes, items, "
        + "learned, truncated, failed, dead, ranges, ranges_left, created_at, started_at, finished_at, error, upload_removed, "
        + "webhook_state, webhook_attempts, webhook_next_at, webhook_error, version";

    public const string ItemColumns = "line, byte_offset, byte_length, state, attempts, field, code, reason, next_at";

    public const string ScheduleColumns =
        "id, subject, source, every_minutes, collection, owner, priority, content_column, webhook, created_at, next_at, last_run_at, last_result, last_jobs, seen, lease_until";

    public static NpgsqlParameter[] Values(Job job) =>
    [
        Text(job.Id), Text(job.State.ToString()), Text(job.Format.ToString()), Text(job.Subject), Text(job.SpoolId), Text(job.Collection), Text(job.Owner),
        Number(job.Priority), Text(job.ContentColumn), Text(job.Webhook), Text(job.ScheduleId), Long(job.Bytes), Number(job.HeaderBytes), Long(job.Items),
        Long(job.Learned), Long(job.Truncated), Long(job.Failed), Long(job.Dead), Number(job.Ranges), Number(job.RangesLeft),
        Time(job.CreatedAt), Time(job.StartedAt), Time(job.FinishedAt), Text(job.Error), new() { Value = job.UploadRemoved },
        Text(job.WebhookState.ToString()), Number(job.WebhookAttempts), Time(job.WebhookNextAt), Text(job.WebhookError), Long(job.Version),
    ];

    public static Job ReadJob(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        State = Enum.Parse<JobState>(row.GetString(1)),
        Format = Enum.Parse<JobFormat>(row.GetString(2)),
        Subject = row.GetString(3),
        SpoolId = row.GetString(4),
        Collection = TextOf(row, 5),
        Owner = TextOf(row, 6),
        Priority = row.GetInt32(7),
        ContentColumn = TextOf(row, 8),
        Webhook = TextOf(row, 9),
        ScheduleId = TextOf(row, 10),
        Bytes = row.GetInt64(11),
        HeaderBytes = row.GetInt32(12),
        Items = row.GetInt64(13),
        Learned = row.GetInt64(14),
        Truncated = row.GetInt64(15),
        Failed = row.GetInt64(16),
        Dead = row.GetInt64(17),
        Ranges = row.GetInt32(18),
        RangesLeft = row.GetInt32(19),
        CreatedAt = TimeOf(row, 20)!.Value,
        StartedAt = TimeOf(row, 21),
        FinishedAt = TimeOf(row, 22),
        Error = TextOf(row, 23),
        UploadRemoved = row.GetBoolean(24),
        WebhookState = Enum.Parse<WebhookState>(row.GetString(25)),
        WebhookAttempts = row.GetInt32(26),
        WebhookNextAt = TimeOf(row, 27),
        WebhookError = TextOf(row, 28),
        Version = row.GetInt64(29),
    };

    public static JobItem ReadItem(DbDataReader row, int first = 0) => new(
        row.GetInt64(first),
        row.GetInt64(first + 1),
        row.GetInt64(first + 2),
        Enum.Parse<ItemState>(row.GetString(first + 3)),
        row.GetInt32(first + 4),
        row.GetString(first + 5),
        row.GetString(first + 6),
        row.GetString(first + 7),
        TimeOf(row, first + 8));

    public static NpgsqlParameter[] Values(Schedule schedule) =>
    [
        Text(schedule.Id), Text(schedule.Subject), Text(schedule.Source), Number(schedule.EveryMinutes), Text(schedule.Collection), Text(schedule.Owner),
        Number(schedule.Priority), Text(schedule.ContentColumn), Text(schedule.Webhook), Time(schedule.CreatedAt), Time(schedule.NextAt),
        Time(schedule.LastRunAt), Text(schedule.LastResult),
        new() { Value = schedule.LastJobs.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
        Text(JsonSerializer.Serialize(schedule.Seen, JournalJson.Default.IReadOnlyDictionaryStringSeen)), Time(schedule.LeaseUntil),
    ];

    public static Schedule ReadSchedule(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Subject = row.GetString(1),
        Source = row.GetString(2),
        EveryMinutes = row.GetInt32(3),
        Collection = TextOf(row, 4),
        Owner = TextOf(row, 5),
        Priority = row.GetInt32(6),
        ContentColumn = TextOf(row, 7),
        Webhook = TextOf(row, 8),
        CreatedAt = TimeOf(row, 9)!.Value,
        NextAt = TimeOf(row, 10)!.Value,
        LastRunAt = TimeOf(row, 11),
        LastResult = TextOf(row, 12),
        LastJobs = row.GetFieldValue<string[]>(13),
        Seen = JsonSerializer.Deserialize(row.GetString(14), JournalJson.Default.IReadOnlyDictionaryStringSeen)!,
        LeaseUntil = TimeOf(row, 15),
    };

    public static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Long(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    public static NpgsqlParameter Number(int value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Integer };

    public static NpgsqlParameter Time(DateTimeOffset? value) =>
        new() { Value = (object?)value?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    public static NpgsqlParameter Id(Guid value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Uuid };

    public static NpgsqlParameter Column<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };

    private static string? TextOf(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? TimeOf(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTimeOffset(row.GetFieldValue<DateTime>(column), TimeSpan.Zero);
}
