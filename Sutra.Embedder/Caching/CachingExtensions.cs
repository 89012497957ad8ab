using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Sutra.Contracts.Embedding.V1;
using Sutra.Embedder.Pipeline;
using Sutra.ServiceDefaults.Health;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Embedder.Caching;

internal static partial class CachingExtensions
{
    private const string ConnectionName = "cache";

    /// <summary>The cache of embeddings; without <c>ConnectionStrings:cache</c> it is this process's own.</summary>
    public static WebApplicationBuilder AddVectorCache(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CacheOptions>()
            .BindConfiguration(CacheOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<CacheMetrics>();
        builder.Services.AddSingleton<CacheKeys>();
        var connectionString = builder.Configuration.GetConnectionString(ConnectionName);
        var isNever = builder.Configuration.GetSection(CacheOptions.Section)[nameof(CacheOptions.Shared)] is { } use
            && use.Equals(nameof(SharedUse.Never), StringComparison.OrdinalIgnoreCase);
        if (!isNever && !string.IsNullOrWhiteSpace(connectionString))
        {
            AddRedis(builder, connectionString);
        }

        builder.Services.AddSingleton<IVectorCache>(services => new EmbeddingCache(
            services.GetRequiredService<CacheKeys>(),
            services.GetService<SharedVectors>(),
            services.GetRequiredService<CacheMetrics>(),
            services.GetRequiredService<IOptions<CacheOptions>>()));
        builder.Services.AddSingleton(services => new CacheState(services.GetService<SharedVectors>()));
        builder.Services.AddHealthChecks().AddCheck<CacheState>(CacheState.Name, tags: [HealthTags.Health]);
        builder.Services.AddHostedService<Announcement>();
        return builder;
    }

    private static void AddRedis(WebApplicationBuilder builder, string connectionString)
    {
        try
        {
            if (ConfigurationOptions.Parse(connectionString).EndPoints.Count == 0)
            {
                throw new StartupException("ConnectionStrings:cache names no Redis server.");
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StartupException("ConnectionStrings:cache is not a Redis connection string.", e);
        }

        builder.AddRedisClient(ConnectionName, settings =>
        {
            settings.DisableHealthChecks = true;
            // Connecting blocks while Redis is away; SharedVectors does it in the background.
            settings.DisableAutoActivation = true;
        });
        builder.Services.AddSingleton(services => new SharedVectors(
            services.GetRequiredService<IConnectionMultiplexer>,
            services.GetRequiredService<CacheKeys>(),
            services.GetRequiredService<CacheMetrics>(),
            services.GetRequiredService<IOptions<CacheOptions>>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<SharedVectors>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<SharedVectors>());
    }

    private sealed partial class Announcement(
        CacheState state, IOptions<CacheOptions> options, IConfiguration configuration, ILogger<Announcement> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            var memory = options.Value.MemoryBytes / (1024.0 * 1024);
            if (state.Levels != CacheLevels.Process)
            {
                Log.Shared(logger, memory, options.Value.Shared == SharedUse.Always ? "always" : "for models that are slower than it");
            }
            else
            {
                Log.Local(logger, memory, string.IsNullOrWhiteSpace(configuration.GetConnectionString(ConnectionName))
                    ? "ConnectionStrings:cache is not set"
                    : "Embedder:Cache:Shared is never");
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private static partial class Log
        {
            [LoggerMessage(352, LogLevel.Information, "Embedding cache: {Size:0.#} MiB in this process, and Redis (ConnectionStrings:cache) {When}")]
            public static partial void Shared(ILogger logger, double size, string when);

            [LoggerMessage(353, LogLevel.Information, "Embedding cache: {Size:0.#} MiB in this process only ({Why})")]
            public static partial void Local(ILogger logger, double size, string why);
        }
    }
}
