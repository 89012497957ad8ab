using Npgsql;

namespace Sutra.Api.Auditing;

/// <summary>The audit database's tables, made and brought up to date by whichever instance comes first.</summary>
internal static class AuditSchema
{
    // Any number, the same in every instance: who holds this lock migrates, the others wait and find nothing left to do.
    private const long LockKey = 0x5375747261417564;

    // Append only: each step runs once, in order; a step that was released never changes.
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE audit_records (
            id uuid PRIMARY KEY,
            recorded_at timestamptz NOT NULL,
            action text NOT NULL,
            caller_hash text NOT NULL,
            concept_ids text[] NOT NULL,
            outcome text NOT NULL,
            trace_id text,
            model text
        );
        CREATE INDEX audit_records_recorded_at ON audit_records USING brin (recorded_at);
        CREATE INDEX audit_records_caller ON audit_records (caller_hash, recorded_at);
        """,
    ];

    public static async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({LockKey})");
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS audit_schema (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");

        await using var current = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM audit_schema", connection, transaction);
        var version = (int)(await current.ExecuteScalarAsync(cancellation))!;
        for (; version < Steps.Length; version++)
        {
            await ExecuteAsync(Steps[version]);
            await ExecuteAsync($"INSERT INTO audit_schema (version) VALUES ({version + 1})");
        }

        await transaction.CommitAsync(cancellation);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
