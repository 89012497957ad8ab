using Npgsql;

namespace Sutra.Api.Idempotency;

/// <summary>The table of keys, made and brought up to date by whichever instance comes first.</summary>
internal static class IdempotencySchema
{
    // Any number, the same in every instance, and another than the audit trail's and the jobs'.
    private const long LockKey = 0x5375747249646d70;

    // Append only: each step runs once, in order; a step that was released never changes.
    private static readonly string[] Steps =
    [
        """
        -- Under way: lease is who works on it, and expires_at when that ends unless it is renewed. Answered: lease is null.
        CREATE TABLE idempotency_keys (
            id bytea PRIMARY KEY,
            lease uuid,
            expires_at timestamptz NOT NULL,
            fingerprint bytea,
            status int,
            content_type text,
            location text,
            body bytea,
            size bigint NOT NULL DEFAULT 0
        );
        CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
        """,
    ];

    public static async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync($"SELECT pg_advisory_xact_lock({LockKey})");
        await ExecuteAsync("CREATE TABLE IF NOT EXISTS idempotency_schema (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");

        await using var current = new NpgsqlCommand("SELECT coalesce(max(version), 0) FROM idempotency_schema", connection, transaction);
        var version = (int)(await current.ExecuteScalarAsync(cancellation))!;
        for (; version < Steps.Length; version++)
        {
            await ExecuteAsync(Steps[version]);
            await ExecuteAsync($"INSERT INTO idempotency_schema (version) VALUES ({version + 1})");
        }

        await transaction.CommitAsync(cancellation);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
