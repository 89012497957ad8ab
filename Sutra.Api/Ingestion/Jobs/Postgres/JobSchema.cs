using Npgsql;

namespace Sutra.Api.Ingestion.Jobs.Postgres;

/// <summary>The jobs' tables, made and brought up to date by whichever instance comes first.</summary>
internal static class JobSchema
{
    // Any number, the same in every instance, and another than the audit trail's.
    private const long LockKey = 0x5375747261496e67;

    // Append only: each step runs once, in order; a step that was released never changes.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE ingest_jobs (
            id text PRIMARY KEY,
            state text NOT NULL,
            format text NOT NULL,
            subject text NOT NULL,
            spool_id text NOT NULL,
            collection text,
            owner text,
            priority int NOT NULL,
            content_column text,
            webhook text,
            schedule_id text,
            bytes bigint NOT NULL,
            header_bytes int NOT NULL,
            items bigint NOT NULL,
            learned bigint NOT NULL,
            truncated bigint NOT NULL,
            failed bigint NOT NULL,
            dead bigint NOT NULL,
            ranges int NOT NULL,
            ranges_left int NOT NULL,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            finished_at timestamptz,
            error text,
            upload_removed boolean NOT NULL,
            webhook_state text NOT NULL,
            webhook_attempts int NOT NULL,
            webhook_next_at timestamptz,
            webhook_error text,
            version bigint NOT NULL
        );
        CREATE INDEX ingest_jobs_workable ON ingest_jobs (priority DESC, id) WHERE state IN ('Queued', 'Running');
        CREATE INDEX ingest_jobs_webhook ON ingest_jobs (webhook_next_at) WHERE webhook_state = 'Due';

        -- What is done has no row any more.
        CREATE TABLE ingest_ranges (
            job_id text NOT NULL REFERENCES ingest_jobs (id) ON DELETE CASCADE,
            number int NOT NULL,
            byte_offset bigint NOT NULL,
            byte_length bigint NOT NULL,
            first_line bigint NOT NULL,
            items int NOT NULL,
            lease uuid,
            held_until timestamptz,
            PRIMARY KEY (job_id, number)
        );
        CREATE INDEX ingest_ranges_lease ON ingest_ranges (lease) WHERE lease IS NOT NULL;

        CREATE TABLE ingest_items (
            job_id text NOT NULL REFERENCES ingest_jobs (id) ON DELETE CASCADE,
            line bigint NOT NULL,
            byte_offset bigint NOT NULL,
            byte_length bigint NOT NULL,
            state text NOT NULL,
            attempts int NOT NULL,
            field text NOT NULL,
            code text NOT NULL,
            reason text NOT NULL,
            next_at timestamptz,
            lease uuid,
            held_until timestamptz,
            PRIMARY KEY (job_id, line)
        );
        CREATE INDEX ingest_items_failed ON ingest_items (job_id, next_at) WHERE state = 'Failed';
        CREATE INDEX ingest_items_lease ON ingest_items (lease) WHERE lease IS NOT NULL;

        CREATE TABLE ingest_schedules (
            id text PRIMARY KEY,
            subject text NOT NULL,
            source text NOT NULL,
            every_minutes int NOT NULL,
            collection text,
            owner text,
            priority int NOT NULL,
            content_column text,
            webhook text,
            created_at timestamptz NOT NULL,
            next_at timestamptz NOT NULL,
            last_run_at timestamptz,
            last_result text,
            last_jobs text[] NOT NULL,
            seen text NOT NULL,
            lease_until timestamptz
        );
        """,
    ];

    public static async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({LockKey})");
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS ingest_schema (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");

        await using var current = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM ingest_schema", connection, transaction);
        var version = (int)(await current.ExecuteScalarAsync(cancellation))!;
        for (; version < Steps.Length; version++)
        {
            await ExecuteAsync(Steps[version]);
            await ExecuteAsync($"INSERT INTO ingest_schema (version) VALUES ({version + 1})");
        }

        await transaction.CommitAsync(cancellation);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
