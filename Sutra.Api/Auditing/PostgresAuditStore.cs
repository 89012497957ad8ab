using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Sutra.Api.Auditing;

/// <summary>The trail as table <c>audit_records</c> in PostgreSQL: one connection, one multi-row INSERT, thus one commit, per group.</summary>
internal sealed class PostgresAuditStore(NpgsqlDataSource source, IOptions<AuditOptions> options) : IAuditStore
{
    // A record may come twice when the connection broke before the commit's answer arrived: its id says so.
    private const string Insert = """
        INSERT INTO audit_records (id, recorded_at, action, caller_hash, concept_ids, outcome, trace_id, model)
        SELECT id, recorded_at, action, caller_hash, string_to_array(concept_ids, ','), outcome, trace_id, model
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            AS r (id, recorded_at, action, caller_hash, concept_ids, outcome, trace_id, model)
        ON CONFLICT (id) DO NOTHING
        """;

    private NpgsqlConnection? _connection;
    private NpgsqlCommand? _insert;

    public string Description => "table audit_records in PostgreSQL (ConnectionStrings:audit)";

    public TimeSpan OpenLimit => options.Value.Timeout;

    public string Explain(Exception error) => error switch
    {
        PostgresException refused => $"{refused.SqlState}: {refused.MessageText}",
        NpgsqlException { InnerException: SocketException socket } => socket.Message,
        TimeoutException or NpgsqlException { InnerException: TimeoutException } => "no answer in time",
        _ => error.GetType().Name,
    };

    public async Task OpenAsync(CancellationToken cancellation)
    {
        Abandon();
        var connection = source.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellation);
            await AuditSchema.MigrateAsync(connection, cancellation);
            var insert = PrepareInsert(connection);
            await insert.PrepareAsync(cancellation);
            cancellation.ThrowIfCancellationRequested();
            (_connection, _insert) = (connection, insert);
        }
        catch
        {
            Close(connection);
            throw;
        }
    }

    public async Task AppendAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellation)
    {
        var insert = _insert ?? throw new InvalidOperationException("The store is not open.");
        insert.Parameters[0].Value = Column(records, record => record.Id);
        insert.Parameters[1].Value = Column(records, record => record.Time.UtcDateTime);
        insert.Parameters[2].Value = Column(records, record => record.Action);
        insert.Parameters[3].Value = Column(records, record => record.CallerHash);
        insert.Parameters[4].Value = Column(records, record => string.Join(',', record.ConceptIds));
        insert.Parameters[5].Value = Column(records, record => record.Outcome);
        insert.Parameters[6].Value = Column(records, record => record.TraceId);
        insert.Parameters[7].Value = Column(records, record => record.Model);
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    public async Task PingAsync(CancellationToken cancellation)
    {
        await using var ping = new NpgsqlCommand("SELECT 1", _connection ?? throw new InvalidOperationException("The store is not open."));
        await ping.ExecuteScalarAsync(cancellation);
    }

    public ValueTask DisposeAsync()
    {
        Abandon();
        return ValueTask.CompletedTask;
    }

    private static T[] Column<T>(IReadOnlyList<AuditRecord> records, Func<AuditRecord, T> value)
    {
        var column = new T[records.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(records[i]);
        }

        return column;
    }

    private static NpgsqlCommand PrepareInsert(NpgsqlConnection connection)
    {
        var insert = new NpgsqlCommand(Insert, connection);
        foreach (var type in new[]
        {
            NpgsqlDbType.Uuid, NpgsqlDbType.TimestampTz, NpgsqlDbType.Text, NpgsqlDbType.Text,
            NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text,
        })
        {
            insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type });
        }

        return insert;
    }

    private void Abandon()
    {
        var connection = _connection;
        (_connection, _insert) = (null, null);
        if (connection is not null)
        {
            Close(connection);
        }
    }

    // Closing may wait for the server that hangs, which is why the connection is closed: nobody waits for it here.
    private static void Close(NpgsqlConnection connection) => _ = Task.Run(async () =>
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
        {
            // It is broken: that is why it goes.
        }
    });
}
