using Npgsql;

namespace Sutra.Tests.Harness;

/// <summary>A real PostgreSQL on a free port, that can be stopped and started again.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private string _password = "postgres-test-pass";
    private InfrastructureProcess? _process;

    public string ConnectionString => $"Host=localhost;Port={_port};Username=postgres;Password={_password};Database=audit";

    public string Output => _process!.Output;

    public int Pid => _process!.Process.Id;

    public string DataFolder => _folder.File("pg");

    /// <summary>Inconclusive where there is no PostgreSQL.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        if (ExternalProgram.FindPostgres() is null)
        {
            Assert.Inconclusive("PostgreSQL is not installed: the audit trail in a database is not tested.");
        }

        var server = new PostgresServer();
        // The server runs as another user when the tests run as root.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(server._folder.Path, (UnixFileMode)0b111_101_101);
        }

        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync(string? password = null)
    {
        _password = password ?? _password;
        _process = InfrastructureProcess.Start("postgres.sh", DataFolder, _port, "POSTGRES_PASSWORD", _password);
        await _process.WaitForAsync(async () => await QueryAsync("SELECT 1"));
    }

    /// <summary>The first column of every row, as text.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{ConnectionString};Pooling=false;Timeout=5");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetValue(0).ToString() ?? "");
        }

        return rows;
    }

    public Task StopAsync(int signal = Signal.Terminate) => _process!.StopAsync(signal);

    public async Task<int> StopAndGetExitCodeAsync()
    {
        await StopAsync();
        return _process!.Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }
}
