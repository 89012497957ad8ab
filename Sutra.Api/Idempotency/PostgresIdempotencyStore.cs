using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sutra.Api.Auditing;
using Sutra.Api.Errors;

namespace Sutra.Api.Idempotency;

/// <summary>
/// Table <c>idempotency_keys</c>, for any number of instances. A key under way is held by a lease that its request renews; when an instance dies, the key is free again after that time.
/// Times are the database's. A row is known by a hash of the caller's audit hash and the key, and has neither.
/// </summary>
internal sealed partial class PostgresIdempotencyStore(
    NpgsqlDataSource source, Auditor auditor, IOptions<IdempotencyOptions> options, TimeProvider time, ILogger<PostgresIdempotencyStore> logger) : IIdempotencyStore
{
    private const string Component = "idempotency";
    private const int Tries = 3;

    // What is still there after its time counts as gone.
    private const string Take = """
        INSERT INTO idempotency_keys AS k (id, lease, expires_at) VALUES ($1, $2, now() + $3)
        ON CONFLICT (id) DO UPDATE SET lease = excluded.lease, expires_at = excluded.expires_at, fingerprint = NULL, status = NULL, content_type = NULL, location = NULL, body = NULL, size = 0
        WHERE k.expires_at <= now()
        """;

    private const string Excess = """
        DELETE FROM idempotency_keys WHERE id IN (
            SELECT id FROM (
                SELECT id, row_number() OVER newest AS place, sum(size) OVER newest AS bytes
                FROM idempotency_keys WHERE lease IS NULL WINDOW newest AS (ORDER BY expires_at DESC, id)) AS ranked
            WHERE place > $1 OR bytes > $2)
        """;

    private readonly IdempotencyOptions _options = options.Value;
    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _migrating = new(1);
    private volatile bool _isMigrated;

    public string Description => "table idempotency_keys in PostgreSQL (ConnectionStrings:audit)";

    public bool IsShared => true;

    public async Task<KeyState> BeginAsync(string caller, string key, CancellationToken cancellation)
    {
        var id = SHA256.HashData(Encoding.UTF8.GetBytes($"{auditor.HashOf(caller)}:{key}"));
        var lease = Guid.NewGuid();
        try
        {
            await using var connection = await OpenAsync(cancellation);
            for (var i = 0; i < Tries; i++)
            {
                if (await ExecuteAsync(connection, Take, cancellation, Bytes(id), Uuid(lease), Interval(_options.Lease)) > 0)
                {
                    return new KeyState(new Claim(this, id, lease), null);
                }

                // Between the two it may have been given up: then it is free.
                if (await FindAsync(connection, id, cancellation) is { } found)
                {
                    return found;
                }
            }

            return new KeyState(null, null);
        }
        catch (Exception e) when (IsAway(e))
        {
            throw ApiProblem.Unavailable(Component, "Idempotency keys cannot be read or written: their database is away.", e);
        }
    }

    public async Task SweepAsync(CancellationToken cancellation)
    {
        await using var connection = await OpenAsync(cancellation);
        await ExecuteAsync(connection, "DELETE FROM idempotency_keys WHERE expires_at <= now()", cancellation);
        await ExecuteAsync(connection, Excess, cancellation, Long(_options.MaxKeys), Long(_options.MaxBytes));
    }

    private static bool IsAway(Exception error) => error is NpgsqlException or TimeoutException;

    private static async Task<KeyState?> FindAsync(NpgsqlConnection connection, byte[] id, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "SELECT lease IS NULL, fingerprint, status, content_type, location, body FROM idempotency_keys WHERE id = $1 AND expires_at > now()", connection);
        command.Parameters.Add(Bytes(id));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation))
        {
            return null;
        }

        return row.GetBoolean(0)
            ? new KeyState(null, new KeptAnswer(row.GetFieldValue<byte[]>(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetFieldValue<byte[]>(5)))
            : default(KeyState);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = await source.OpenConnectionAsync(cancellation);
        try
        {
            if (!_isMigrated)
            {
                await _migrating.WaitAsync(cancellation);
                try
                {
                    if (!_isMigrated)
                    {
                        await IdempotencySchema.MigrateAsync(connection, cancellation);
                        _isMigrated = true;
                    }
                }
                finally
                {
                    _migrating.Release();
                }
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<int> ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await ExecuteAsync(connection, sql, CancellationToken.None, parameters);
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlParameter Bytes(byte[] value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea };

    private static NpgsqlParameter Uuid(Guid value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Uuid };

    private static NpgsqlParameter Interval(TimeSpan value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Interval };

    private static NpgsqlParameter Long(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private sealed class Claim : IKeyClaim
    {
        private readonly PostgresIdempotencyStore _store;
        private readonly byte[] _id;
        private readonly Guid _lease;
        private readonly CancellationTokenSource _ended = new();
        private readonly Task _renewing;
        private bool _isKept;

        public Claim(PostgresIdempotencyStore store, byte[] id, Guid lease)
        {
            (_store, _id, _lease) = (store, id, lease);
            _renewing = RenewAsync();
        }

        public async Task KeepAsync(KeptAnswer answer)
        {
            await StopRenewingAsync();
            _isKept = true;
            await TryAsync(
                """
                UPDATE idempotency_keys SET lease = NULL, expires_at = now() + $3, fingerprint = $4, status = $5, content_type = $6, location = $7, body = $8, size = $9
                WHERE id = $1 AND lease = $2
                """,
                Bytes(_id),
                Uuid(_lease),
                Interval(_store._options.KeepFor),
                Bytes(answer.Fingerprint),
                new NpgsqlParameter { Value = answer.Status, NpgsqlDbType = NpgsqlDbType.Integer },
                Text(answer.ContentType),
                Text(answer.Location),
                Bytes(answer.Body.ToArray()),
                Long(answer.Body.Length));
        }

        public async ValueTask DisposeAsync()
        {
            await StopRenewingAsync();
            if (!_isKept)
            {
                await TryAsync("DELETE FROM idempotency_keys WHERE id = $1 AND lease = $2", Bytes(_id), Uuid(_lease));
            }

            _ended.Dispose();
        }

        private async Task StopRenewingAsync()
        {
            await _ended.CancelAsync();
            await _renewing;
        }

        private async Task RenewAsync()
        {
            using var timer = new PeriodicTimer(_store._options.Lease / 3, _store._time);
            try
            {
                while (await timer.WaitForNextTickAsync(_ended.Token))
                {
                    await TryAsync("UPDATE idempotency_keys SET expires_at = now() + $3 WHERE id = $1 AND lease = $2", Bytes(_id), Uuid(_lease), Interval(_store._options.Lease));
                }
            }
            catch (OperationCanceledException)
            {
                // The request ended.
            }
        }

        /// <summary>The request is done or goes on in any case: what could not be written is told, and ends with the lease.</summary>
        private async Task TryAsync(string sql, params NpgsqlParameter[] parameters)
        {
            try
            {
                if (await _store.ExecuteAsync(sql, parameters) == 0)
                {
                    Log.Lost(_store._logger);
                }
            }
            catch (Exception e) when (IsAway(e))
            {
                Log.NotWritten(_store._logger, e.GetType().Name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2511, LogLevel.Warning, "An idempotency key was taken over: its request took longer than its lease was renewed")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(2512, LogLevel.Warning, "An idempotency key could not be written: {Error}; it is free again when its lease ends")]
        public static partial void NotWritten(ILogger logger, string error);
    }
}
