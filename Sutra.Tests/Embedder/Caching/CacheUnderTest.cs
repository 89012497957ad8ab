using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Sutra.Contracts.Identity;
using Sutra.Embedder.Caching;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Tests.Embedder.Caching;

/// <summary>A cache as an embedder has it, before a model of the tests.</summary>
internal sealed class CacheUnderTest : IAsyncDisposable, ILogger<SharedVectors>
{
    public const string Space = "model@1\nEnd\ncut\n";

    private static readonly IMeterFactory s_meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private readonly CancellationTokenSource _stop = new();
    private ConnectionMultiplexer? _connection;

    /// <param name="connectionString">Of Redis; null: none.</param>
    /// <param name="configure">Options; Redis is asked always unless they say otherwise.</param>
    /// <param name="identityKey">The secret that embedders share.</param>
    public CacheUnderTest(string? connectionString = null, Action<CacheOptions>? configure = null, string identityKey = "identity key of the cache's tests, 0123456789")
    {
        var options = new CacheOptions { Shared = SharedUse.Always };
        configure?.Invoke(options);
        Metrics = new CacheMetrics(s_meters);
        var keys = new CacheKeys(Options.Create(options), Options.Create(new InternalIdentityOptions { Key = identityKey }));
        if (connectionString is not null)
        {
            Shared = new SharedVectors(
                () => _connection ??= ConnectionMultiplexer.Connect($"{connectionString},abortConnect=false,connectTimeout=1000"),
                keys,
                Metrics,
                Options.Create(options),
                TimeProvider.System,
                this);
            _ = Shared.StartAsync(_stop.Token);
        }

        Cache = new EmbeddingCache(keys, Shared, Metrics, Options.Create(options));
    }

    public EmbeddingCache Cache { get; }

    public SharedVectors? Shared { get; }

    public CacheMetrics Metrics { get; }

    public FakeModel Model { get; } = new();

    public ConcurrentQueue<string> Logs { get; } = new();

    public Task<TextEmbedding[]> GetAsync(params string[] texts) => GetAsync(texts, default);

    public Task<TextEmbedding[]> GetAsync(
        IReadOnlyList<string> texts, CancellationToken cancellation, string space = Space, WorkHints hints = default) =>
        Cache.GetOrMakeAsync(space, FakeModel.Dimensions, hints, texts, Model.Of(texts), cancellation);

    public async ValueTask DisposeAsync()
    {
        if (Shared is not null)
        {
            await _stop.CancelAsync();
            await Shared.StopAsync(default);
            Shared.Dispose();
        }

        _connection?.Dispose();
        _stop.Dispose();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logs.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)}");
}
