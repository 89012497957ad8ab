using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Sutra.Api.Ingestion.Jobs.Postgres;

/// <summary>
/// Jobs in PostgreSQL, for any number of instances: work is claimed with <c>FOR UPDATE SKIP LOCKED</c> and held by a lease; a job's own row is
/// locked while it changes, so that the rules are the same code as everywhere.
/// </summary>
internal sealed partial class PostgresJobStore(NpgsqlDataSource source) : IJobStore
{
    private static readonly string s_jobParameters = string.Join(", ", Enumerable.Range(1, 30).Select(number => $"${number}"));

    public string Description => "tables ingest_* in PostgreSQL (ConnectionStrings:audit)";

    public bool IsAway(Exception error) => error is NpgsqlException or TimeoutException;

    public async Task OpenAsync(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await JobSchema.MigrateAsync(connection, cancellation);
    }

    public async Task CreateAsync(Job job, IReadOnlyList<JobRange> ranges, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"INSERT INTO ingest_jobs ({JobRows.JobColumns}) VALUES ({s_jobParameters})", cancellation, JobRows.Values(job));
        await ExecuteAsync(
            connection,
            """
            INSERT INTO ingest_ranges (job_id, number, byte_offset, byte_length, first_line, items)
            SELECT $1, r.* FROM unnest($2, $3, $4, $5, $6) AS r
            """,
            cancellation,
            JobRows.Text(job.Id),
            JobRows.Column(NpgsqlDbType.Integer, ranges.Select(range => range.Number)),
            JobRows.Column(NpgsqlDbType.Bigint, ranges.Select(range => range.Offset)),
            JobRows.Column(NpgsqlDbType.Bigint, ranges.Select(range => range.Length)),
            JobRows.Column(NpgsqlDbType.Bigint, ranges.Select(range => range.FirstLine)),
            JobRows.Column(NpgsqlDbType.Integer, ranges.Select(range => range.Items)));
        await transaction.CommitAsync(cancellation);
    }

    public async Task<Job?> FindAsync(string id, CancellationToken cancellation)
    {
        var found = await QueryAsync($"SELECT {JobRows.JobColumns} FROM ingest_jobs WHERE id = $1", JobRows.ReadJob, cancellation, JobRows.Text(id));
        return found.Count == 0 ? null : found[0];
    }

    public Task<IReadOnlyList<Job>> ListAsync(JobState? state, string? before, int count, CancellationToken cancellation) => QueryAsync(
        $"SELECT {JobRows.JobColumns} FROM ingest_jobs WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        JobRows.ReadJob,
        cancellation,
        JobRows.Text(state?.ToString()),
        JobRows.Text(before),
        JobRows.Number(count));

    public Task<IReadOnlyList<JobItem>> ListItemsAsync(string id, ItemState? state, long after, int count, CancellationToken cancellation) => QueryAsync(
        $"SELECT {JobRows.ItemColumns} FROM ingest_items WHERE job_id = $1 AND ($2 IS NULL OR state = $2) AND line > $3 ORDER BY line LIMIT $4",
        row => JobRows.ReadItem(row),
        cancellation,
        JobRows.Text(id),
        JobRows.Text(state?.ToString()),
        JobRows.Long(after),
        JobRows.Number(count));

    public async Task<(Job Job, bool Done)?> ChangeAsync(string id, Func<Job, Job?> rule, bool deadAgain, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await LockAsync(connection, id, cancellation) is not { } job)
        {
            return null;
        }

        if (rule(job) is not { } changed)
        {
            return (job, false);
        }

        if (changed != job)
        {
            await UpdateAsync(connection, changed, cancellation);
        }

        if (deadAgain)
        {
            await ExecuteAsync(
                connection,
                "UPDATE ingest_items SET state = 'Failed', attempts = 0, next_at = $2, lease = NULL, held_until = NULL WHERE job_id = $1 AND state = 'Dead'",
                cancellation,
                JobRows.Text(id),
                JobRows.Time(now));
        }

        await transaction.CommitAsync(cancellation);
        return (changed, true);
    }

    public async Task<Job?> DeleteAsync(string id, CancellationToken cancellation)
    {
        var deleted = await QueryAsync($"DELETE FROM ingest_jobs WHERE id = $1 RETURNING {JobRows.JobColumns}", JobRows.ReadJob, cancellation, JobRows.Text(id));
        return deleted.Count == 0 ? null : deleted[0];
    }

    public async Task<long> BacklogAsync(CancellationToken cancellation) => (await QueryAsync(
        "SELECT coalesce(sum(items - learned - dead), 0)::bigint FROM ingest_jobs WHERE state IN ('Queued', 'Running', 'Paused')",
        row => row.GetInt64(0),
        cancellation))[0];

    public Task<IReadOnlyList<Job>> UploadsToRemoveAsync(string spoolId, DateTimeOffset endedBefore, CancellationToken cancellation) => QueryAsync(
        $"""
        SELECT {JobRows.JobColumns} FROM ingest_jobs
        WHERE spool_id = $1 AND NOT upload_removed AND state IN ('Completed', 'Cancelled', 'Failed')
            AND (state = 'Cancelled' OR (dead = 0 AND state = 'Completed') OR finished_at < $2)
        LIMIT 1000
        """,
        JobRows.ReadJob,
        cancellation,
        JobRows.Text(spoolId),
        JobRows.Time(endedBefore));

    public Task<IReadOnlyList<string>> ExpiredAsync(DateTimeOffset endedBefore, CancellationToken cancellation) => QueryAsync(
        "SELECT id FROM ingest_jobs WHERE upload_removed AND finished_at < $1 LIMIT 1000",
        row => row.GetString(0),
        cancellation,
        JobRows.Time(endedBefore));

    // The data source belongs to the container.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<Job?> LockAsync(NpgsqlConnection connection, string id, CancellationToken cancellation)
    {
        var found = await QueryAsync(
            connection, $"SELECT {JobRows.JobColumns} FROM ingest_jobs WHERE id = $1 FOR UPDATE", JobRows.ReadJob, cancellation, JobRows.Text(id));
        return found.Count == 0 ? null : found[0];
    }

    private static Task UpdateAsync(NpgsqlConnection connection, Job job, CancellationToken cancellation) => ExecuteAsync(
        connection, $"UPDATE ingest_jobs SET ({JobRows.JobColumns}) = ROW({s_jobParameters}) WHERE id = $1", cancellation, JobRows.Values(job));

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await ExecuteAsync(connection, sql, cancellation, parameters);
    }

    private static async Task<IReadOnlyList<T>> QueryAsync<T>(
        NpgsqlConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private async Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> read, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        return await QueryAsync(connection, sql, read, cancellation, parameters);
    }
}
