using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Sutra.Api.Embeddings;

/// <summary>
/// The second cache level, shared by all instances: Redis, value = the raw little-endian float32s and a
/// byte that is 1 when the text was truncated. It may fail in any way
/// without being noticed beyond a miss: a server that is away is not asked (no request waits for it) until a background
/// probe has found it back.
/// </summary>
internal sealed partial class SharedVectors(
    Func<IConnectionMultiplexer> connect,
    IOptions<EmbeddingOptions> options,
    TimeProvider time,
    ILogger<SharedVectors> logger) : BackgroundService
{
    private const double MaxNormError = 0.01;

    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile IDatabase? _database;
    private bool _announced;

    /// <summary>Redis answered when it was last asked.</summary>
    public bool IsAvailable => _database is not null;

    /// <returns>Null when it is not there, unusable, or Redis is.</returns>
    public async ValueTask<CachedVector?> GetAsync(string key, int dimensions)
    {
        if (_database is not { } database)
        {
            return null;
        }

        try
        {
            var value = await database.StringGetAsync(key).WaitAsync(options.Value.RedisTimeout, time);
            return value.HasValue ? Decode((byte[])value!, dimensions) : null;
        }
        catch (Exception e) when (IsOutage(e))
        {
            Lose(e);
            return null;
        }
    }

    /// <summary>Returns at once; nobody waits for the cache to be filled.</summary>
    public void Set(string key, CachedVector vector)
    {
        if (_database is { } database)
        {
            _ = SetAsync(database, key, vector);
        }
    }

    /// <summary>Throws when Redis does not answer now.</summary>
    public async Task PingAsync(CancellationToken cancellation)
    {
        var database = _database ?? throw new TimeoutException();
        try
        {
            await database.PingAsync().WaitAsync(options.Value.RedisTimeout * 5, time, cancellation);
        }
        catch (Exception e) when (IsOutage(e))
        {
            Lose(e);
            throw;
        }
    }

    /// <summary>The first connection, and the way back from each outage.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Resolving the multiplexer connects, and blocks while the server is away.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ProbeAsync(stoppingToken);
                await _wake.WaitAsync(stoppingToken);
            }
            catch (Exception e) when (IsOutage(e) && !stoppingToken.IsCancellationRequested)
            {
                if (!_announced)
                {
                    _announced = true;
                    Log.Away(logger, e.GetType().Name);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await Task.Delay(options.Value.RedisRetryEvery, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <returns>Null for anything that is not a unit vector of that many dimensions.</returns>
    internal static CachedVector? Decode(byte[] bytes, int dimensions)
    {
        if (bytes.Length != (dimensions * sizeof(float)) + 1 || bytes[^1] > 1)
        {
            return null;
        }

        var vector = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, bytes.Length - 1)).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            var raw = MemoryMarshal.Cast<float, int>(vector.AsSpan());
            BinaryPrimitives.ReverseEndianness(raw, raw);
        }

        var squares = 0.0;
        foreach (var value in vector)
        {
            squares += (double)value * value;
        }

        // Not a number fails this too.
        return Math.Abs(Math.Sqrt(squares) - 1) <= MaxNormError ? new CachedVector(vector, bytes[^1] == 1) : null;
    }

    internal static byte[] Encode(CachedVector vector)
    {
        byte[] value = [.. MemoryMarshal.AsBytes<float>(vector.Vector), vector.Truncated ? (byte)1 : (byte)0];
        if (!BitConverter.IsLittleEndian)
        {
            var raw = MemoryMarshal.Cast<byte, int>(value.AsSpan(0, value.Length - 1));
            BinaryPrimitives.ReverseEndianness(raw, raw);
        }

        return value;
    }

    private async Task ProbeAsync(CancellationToken stopping)
    {
        var database = await Task.Run(() => connect().GetDatabase(), stopping);
        await database.PingAsync().WaitAsync(options.Value.RedisTimeout * 10, time, stopping);
        _database = database;
        if (_announced)
        {
            _announced = false;
            Log.Back(logger);
        }
    }

    private async Task SetAsync(IDatabase database, string key, CachedVector vector)
    {
        try
        {
            await database.StringSetAsync(key, Encode(vector), options.Value.KeepFor).WaitAsync(options.Value.RedisTimeout * 5, time);
        }
        catch (Exception e) when (IsOutage(e))
        {
            Lose(e);
        }
    }

    private void Lose(Exception error)
    {
        lock (_wake)
        {
            if (_database is null)
            {
                return;
            }

            _database = null;
            _announced = true;
            Log.Away(logger, error.GetType().Name);
            _wake.Release();
        }
    }

    // RedisException covers what the server says (out of memory, read-only replica); the rest is the connection.
    private static bool IsOutage(Exception error) =>
        error is RedisException or RedisTimeoutException or TimeoutException or ObjectDisposedException or IOException or InvalidOperationException
            or System.Net.Sockets.SocketException or AggregateException or TaskCanceledException;

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Warning, "Redis is away ({Error}): embeddings are cached in this process only until it is back")]
        public static partial void Away(ILogger logger, string error);

        [LoggerMessage(2202, LogLevel.Information, "Redis is back: embeddings are shared again")]
        public static partial void Back(ILogger logger);
    }
}
