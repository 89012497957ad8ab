using Npgsql;
using NpgsqlTypes;
using Sutra.Api.Ingestion.Schedules;

namespace Sutra.Api.Ingestion.Jobs.Postgres;

internal sealed partial class PostgresJobStore
{
    private const string ClaimItems = """
        WITH job AS (
            SELECT j.id, j.priority FROM ingest_jobs j
            WHERE j.state IN ('Queued', 'Running') AND j.spool_id = $1 AND j.failed > 0
                AND EXISTS (SELECT FROM ingest_items i WHERE i.job_id = j.id AND i.state = 'Failed' AND i.next_at <= $2 AND (i.held_until IS NULL OR i.held_until <= $2))
            ORDER BY j.priority DESC, j.id LIMIT 1),
        next AS (
            SELECT i.job_id, i.line FROM ingest_items i JOIN job ON job.id = i.job_id
            WHERE i.state = 'Failed' AND i.next_at <= $2 AND (i.held_until IS NULL OR i.held_until <= $2)
            ORDER BY i.line LIMIT $5 FOR UPDATE OF i SKIP LOCKED)
        UPDATE ingest_items i SET lease = $3, held_until = $4 FROM next
        WHERE i.job_id = next.job_id AND i.line = next.line
        RETURNING i.job_id, i.line, i.byte_offset, i.byte_length, i.state, i.attempts, i.field, i.code, i.reason, i.next_at
        """;

    private const string ClaimRange = """
        WITH next AS (
            SELECT r.job_id, r.number FROM ingest_jobs j JOIN ingest_ranges r ON r.job_id = j.id
            WHERE j.state IN ('Queued', 'Running') AND j.spool_id = $1 AND (r.held_until IS NULL OR r.held_until <= $2)
            ORDER BY j.priority DESC, j.id, r.number LIMIT 1 FOR UPDATE OF r SKIP LOCKED)
        UPDATE ingest_ranges r SET lease = $3, held_until = $4 FROM next
        WHERE r.job_id = next.job_id AND r.number = next.number
        RETURNING r.job_id, r.number, r.byte_offset, r.byte_length, r.first_line, r.items
        """;

    public async Task<Work?> ClaimAsync(string spoolId, int mostItems, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        var lease = Guid.NewGuid();
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var items = await QueryAsync(
            connection,
            ClaimItems,
            row => (Job: row.GetString(0), Item: JobRows.ReadItem(row, 1)),
            cancellation,
            [.. Claim(), JobRows.Number(mostItems)]);
        JobRange? range = null;
        var id = items.Count > 0 ? items[0].Job : null;
        if (id is null)
        {
            var ranges = await QueryAsync(
                connection,
                ClaimRange,
                row => (Job: row.GetString(0), Range: new JobRange(row.GetInt32(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt32(5))),
                cancellation,
                Claim());
            if (ranges.Count == 0)
            {
                return null;
            }

            (id, range) = ranges[0];
        }

        // Paused or deleted meanwhile: then nothing was claimed.
        if (await LockAsync(connection, id, cancellation) is not { IsWorkable: true } job)
        {
            return null;
        }

        var begun = JobRules.Begun(job, now);
        if (begun != job)
        {
            await UpdateAsync(connection, begun, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return new Work(begun, lease, range, [.. items.Select(item => item.Item).OrderBy(item => item.Line)]);

        NpgsqlParameter[] Claim() => [JobRows.Text(spoolId), JobRows.Time(now), JobRows.Id(lease), JobRows.Time(until)];
    }

    public Task RenewAsync(IReadOnlyCollection<Guid> leases, DateTimeOffset until, CancellationToken cancellation) =>
        HoldAsync(leases, until, keep: true, cancellation);

    public Task ReleaseAsync(Guid lease, DateTimeOffset notBefore, CancellationToken cancellation) =>
        HoldAsync([lease], notBefore, keep: false, cancellation);

    public async Task<Job?> CommitAsync(Work work, WorkOutcome outcome, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await LockAsync(connection, work.Job.Id, cancellation) is not { } job)
        {
            return null;
        }

        // All or nothing: whoever claimed a part of it after the lease had ended does that part, and the rest is claimed anew.
        var done = work.Range is { } range
            ? await ExecuteAsync(
                connection,
                "DELETE FROM ingest_ranges WHERE job_id = $1 AND number = $2 AND lease = $3",
                cancellation,
                JobRows.Text(job.Id), JobRows.Number(range.Number), JobRows.Id(work.Lease)) == 1
            : await ExecuteAsync(
                connection, "DELETE FROM ingest_items WHERE job_id = $1 AND lease = $2", cancellation, JobRows.Text(job.Id), JobRows.Id(work.Lease)) == work.Items.Count;
        if (!done)
        {
            return null;
        }

        if (outcome.NotLearned.Count > 0)
        {
            await InsertAsync(connection, job.Id, outcome.NotLearned, cancellation);
        }

        var committed = JobRules.Committed(job, work, outcome, now);
        await UpdateAsync(connection, committed, cancellation);
        await transaction.CommitAsync(cancellation);
        return committed;
    }

    public async Task<Job?> ClaimWebhookAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        var claimed = await QueryAsync(
            $"""
            UPDATE ingest_jobs SET webhook_next_at = $2
            WHERE id = (
                SELECT id FROM ingest_jobs WHERE webhook_state = 'Due' AND webhook_next_at <= $1
                ORDER BY webhook_next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {JobRows.JobColumns}
            """,
            JobRows.ReadJob,
            cancellation,
            JobRows.Time(now),
            JobRows.Time(until));
        return claimed.Count == 0 ? null : claimed[0];
    }

    public Task SaveScheduleAsync(Schedule schedule, CancellationToken cancellation) => ExecuteAsync(
        $"INSERT INTO ingest_schedules ({JobRows.ScheduleColumns}) VALUES ({string.Join(", ", Enumerable.Range(1, 16).Select(number => $"${number}"))})",
        cancellation,
        JobRows.Values(schedule with { LeaseUntil = null }));

    public async Task<Schedule?> FindScheduleAsync(string id, CancellationToken cancellation)
    {
        var found = await QueryAsync(
            $"SELECT {JobRows.ScheduleColumns} FROM ingest_schedules WHERE id = $1", JobRows.ReadSchedule, cancellation, JobRows.Text(id));
        return found.Count == 0 ? null : found[0];
    }

    public Task<IReadOnlyList<Schedule>> ListSchedulesAsync(CancellationToken cancellation) =>
        QueryAsync($"SELECT {JobRows.ScheduleColumns} FROM ingest_schedules ORDER BY id", JobRows.ReadSchedule, cancellation);

    public async Task<bool> DeleteScheduleAsync(string id, CancellationToken cancellation) =>
        await ExecuteAsync("DELETE FROM ingest_schedules WHERE id = $1", cancellation, JobRows.Text(id)) == 1;

    public async Task<Schedule?> ClaimScheduleAsync(DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        var claimed = await QueryAsync(
            $"""
            UPDATE ingest_schedules SET lease_until = $2
            WHERE id = (
                SELECT id FROM ingest_schedules WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {JobRows.ScheduleColumns}
            """,
            JobRows.ReadSchedule,
            cancellation,
            JobRows.Time(now),
            JobRows.Time(until));
        return claimed.Count == 0 ? null : claimed[0];
    }

    public Task RenewScheduleAsync(string id, DateTimeOffset until, CancellationToken cancellation) =>
        ExecuteAsync("UPDATE ingest_schedules SET lease_until = $2 WHERE id = $1", cancellation, JobRows.Text(id), JobRows.Time(until));

    public Task FinishScheduleAsync(Schedule schedule, CancellationToken cancellation) => ExecuteAsync(
        $"UPDATE ingest_schedules SET ({JobRows.ScheduleColumns}) = ROW({string.Join(", ", Enumerable.Range(1, 16).Select(number => $"${number}"))}) WHERE id = $1",
        cancellation,
        JobRows.Values(schedule with { LeaseUntil = null }));

    private async Task HoldAsync(IReadOnlyCollection<Guid> leases, DateTimeOffset until, bool keep, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        foreach (var table in new[] { "ingest_ranges", "ingest_items" })
        {
            await ExecuteAsync(
                connection,
                $"UPDATE {table} SET held_until = $2{(keep ? "" : ", lease = NULL")} WHERE lease = ANY($1)",
                cancellation,
                JobRows.Column(NpgsqlDbType.Uuid, leases),
                JobRows.Time(until));
        }
    }

    private static Task InsertAsync(NpgsqlConnection connection, string job, IReadOnlyList<JobItem> items, CancellationToken cancellation) => ExecuteAsync(
        connection,
        $"INSERT INTO ingest_items (job_id, {JobRows.ItemColumns}) SELECT $1, i.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS i",
        cancellation,
        JobRows.Text(job),
        JobRows.Column(NpgsqlDbType.Bigint, items.Select(item => item.Line)),
        JobRows.Column(NpgsqlDbType.Bigint, items.Select(item => item.Offset)),
        JobRows.Column(NpgsqlDbType.Bigint, items.Select(item => item.Length)),
        JobRows.Column(NpgsqlDbType.Text, items.Select(item => item.State.ToString())),
        JobRows.Column(NpgsqlDbType.Integer, items.Select(item => item.Attempts)),
        JobRows.Column(NpgsqlDbType.Text, items.Select(item => item.Field)),
        JobRows.Column(NpgsqlDbType.Text, items.Select(item => item.Code)),
        JobRows.Column(NpgsqlDbType.Text, items.Select(item => item.Reason)),
        JobRows.Column(NpgsqlDbType.TimestampTz, items.Select(item => item.NextAt?.UtcDateTime)));
}
