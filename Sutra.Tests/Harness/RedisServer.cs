using StackExchange.Redis;

namespace Sutra.Tests.Harness;

/// <summary>A real Redis on a free port, that can be stopped and started again.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Password = "redis-test-pass";

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private InfrastructureProcess? _process;

    public string ConnectionString => $"localhost:{_port},password={Password}";

    public int Pid => _process!.Process.Id;

    /// <summary>Inconclusive where there is no redis-server.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        if (ExternalProgram.Find("redis-server") is null)
        {
            Assert.Inconclusive("redis-server is not installed: the shared cache is not tested.");
        }

        var server = new RedisServer();
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        _process = InfrastructureProcess.Start("redis.sh", _folder.Path, _port, "REDIS_PASSWORD", Password);
        await _process.WaitForAsync(async () =>
        {
            using var connection = await ConnectionMultiplexer.ConnectAsync($"{ConnectionString},connectTimeout=1000");
            await connection.GetDatabase().PingAsync();
        });
    }

    public async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync($"{ConnectionString},allowAdmin=true,syncTimeout=30000");

    public Task StopAsync() => _process!.StopAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }
}
