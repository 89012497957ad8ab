using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Sutra.Embedder.Inference;

namespace Sutra.Embedder.Caching;

/// <summary>
/// The second cache level, shared by all embedders: Redis. It may fail in any way without being noticed beyond a miss: a server
/// that is away is not asked (no call waits for it) until a background probe has found it back.
/// </summary>
internal sealed partial class SharedVectors(
    Func<IConnectionMultiplexer> connect,
    CacheKeys keys,
    CacheMetrics metrics,
    IOptions<CacheOptions> options,
    TimeProvider time,
    ILogger<SharedVectors> logger) : BackgroundService
{
    /// <summary>Bytes of values on their way to Redis; what comes while it is full is dropped.</summary>
    private const long MaxWritingBytes = 16 << 20;

    /// <summary>Vectors that one <see cref="CacheOptions.RedisTimeout"/> is for.</summary>
    private const int TimeoutVectors = 256;

    // What asking costs: the way to Redis and back, and for each vector reading, opening, sealing and writing.
    private const double CallSeconds = 300e-6;
    private const double VectorSeconds = 20e-6;

    private readonly Lock _lock = new();
    private volatile IDatabase? _database;
    private long _writing;
    private bool _announced;

    /// <summary>Redis answered when it was last asked, a moment ago.</summary>
    public bool IsAvailable => _database is not null;

    /// <summary>Whether asking for that many texts is expected to be faster than running the model on them.</summary>
    /// <param name="textCost">Of running the model on one; zero: not known yet.</param>
    /// <param name="texts">How many.</param>
    public bool IsWorth(TimeSpan textCost, int texts) =>
        IsAvailable
        && options.Value.Shared != SharedUse.Never
        && (options.Value.Shared == SharedUse.Always
            || textCost == TimeSpan.Zero
            || textCost.TotalSeconds * texts > CallSeconds + (VectorSeconds * texts));

    /// <returns>In the order of the keys; null where there is nothing, nothing usable, or no Redis.</returns>
    public async Task<TextEmbedding?[]> GetAsync(byte[][] wanted, int dimensions, CancellationToken cancellation)
    {
        var found = new TextEmbedding?[wanted.Length];
        if (_database is not { } database)
        {
            return found;
        }

        try
        {
            var values = await database.StringGetAsync(Array.ConvertAll(wanted, key => (RedisKey)key)).WaitAsync(Limit(wanted.Length), time, cancellation);
            using var cipher = new AesGcm(keys.ValueKey, 16);
            for (var i = 0; i < found.Length; i++)
            {
                found[i] = SealedVector.Open(cipher, wanted[i], (byte[]?)values[i], dimensions);
            }
        }
        catch (Exception e) when (IsOutage(e) && !cancellation.IsCancellationRequested)
        {
            Lose(e);
        }

        return found;
    }

    /// <summary>Returns at once; nobody waits for the cache to be filled.</summary>
    /// <param name="named">Keys.</param>
    /// <param name="embeddings">One for each key; one without values is left out.</param>
    public void Set(byte[][] named, TextEmbedding[] embeddings)
    {
        if (_database is not { } database)
        {
            return;
        }

        var bytes = embeddings.Sum(embedding => (long)SealedVector.SizeOf(embedding.Values?.Length ?? 0));
        var before = Interlocked.Add(ref _writing, bytes) - bytes;
        if (before > 0 && before + bytes > MaxWritingBytes)
        {
            Interlocked.Add(ref _writing, -bytes);
            metrics.Dropped(embeddings.Length);
            return;
        }

        _ = Task.Run(() => WriteAsync(database, named, embeddings, bytes));
    }

    /// <summary>The first connection, the way back from each outage, and a look at Redis now and then that the health report relies on.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Resolving the multiplexer connects, and blocks while the server is away.
        await Task.Yield();
        while (true)
        {
            try
            {
                await ProbeAsync(stoppingToken);
            }
            catch (Exception e) when (IsOutage(e) && !stoppingToken.IsCancellationRequested)
            {
                Lose(e);
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

    private TimeSpan Limit(int vectors) => options.Value.RedisTimeout * (1 + (vectors / TimeoutVectors));

    private async Task ProbeAsync(CancellationToken stopping)
    {
        var database = await Task.Run(() => connect().GetDatabase(), stopping);
        await database.PingAsync().WaitAsync(options.Value.RedisTimeout * 10, time, stopping);
        lock (_lock)
        {
            _database = database;
            if (!_announced)
            {
                return;
            }

            _announced = false;
        }

        Log.Back(logger);
    }

    private async Task WriteAsync(IDatabase database, byte[][] named, TextEmbedding[] embeddings, long bytes)
    {
        try
        {
            var writes = new List<Task>(named.Length);
            using var cipher = new AesGcm(keys.ValueKey, 16);
            for (var i = 0; i < named.Length; i++)
            {
                if (embeddings[i].Values is not null)
                {
                    writes.Add(database.StringSetAsync(named[i], SealedVector.Seal(cipher, named[i], embeddings[i]), options.Value.KeepFor));
                }
            }

            await Task.WhenAll(writes).WaitAsync(Limit(named.Length) * 5, time);
        }
        catch (Exception e) when (IsOutage(e))
        {
            Lose(e);
        }
        finally
        {
            Interlocked.Add(ref _writing, -bytes);
        }
    }

    private void Lose(Exception error)
    {
        lock (_lock)
        {
            _database = null;
            if (_announced)
            {
                return;
            }

            _announced = true;
        }

        Log.Away(logger, error.GetType().Name);
    }

    // RedisException covers what the server says (out of memory, read-only replica); the rest is the connection.
    private static bool IsOutage(Exception error) =>
        error is RedisException or RedisTimeoutException or TimeoutException or ObjectDisposedException or IOException or InvalidOperationException
            or System.Net.Sockets.SocketException or AggregateException or TaskCanceledException;

    private static partial class Log
    {
        [LoggerMessage(350, LogLevel.Warning, "Redis is away ({Error}): embeddings are cached in this process only until it is back")]
        public static partial void Away(ILogger logger, string error);

        [LoggerMessage(351, LogLevel.Information, "Redis is back: embeddings are shared again")]
        public static partial void Back(ILogger logger);
    }
}
