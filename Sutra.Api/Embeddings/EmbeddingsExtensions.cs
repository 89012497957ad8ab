using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Sutra.Api.Clients;
using Sutra.Contracts.Embedding.V1;
using Sutra.ServiceDefaults.Startup;

namespace Sutra.Api.Embeddings;

internal static partial class EmbeddingsExtensions
{
    /// <summary>The embedder behind its cache; without <c>ConnectionStrings:cache</c> the cache is this process's own.</summary>
    public static WebApplicationBuilder AddEmbeddings(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmbeddingOptions>()
            .BindConfiguration(EmbeddingOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddGrpcClient<Embedder.EmbedderClient>(client => client.Address = new Uri("http://_grpc.embedder"))
            .UseDeadlinesOnly();
        builder.Services.AddSingleton<EmbedderClient>();
        builder.Services.AddSingleton<ModelIdentity>();
        builder.Services.AddSingleton<CacheMetrics>();

        var connectionString = builder.Configuration.GetConnectionString(Components.Cache);
        var isShared = !string.IsNullOrWhiteSpace(connectionString);
        if (isShared)
        {
            AddRedis(builder, connectionString!);
        }

        builder.Services.AddSingleton(services => new EmbeddingCache(
            services.GetRequiredService<EmbedderClient>(),
            services.GetRequiredService<ModelIdentity>(),
            services.GetService<SharedVectors>(),
            services.GetRequiredService<CacheMetrics>(),
            services.GetRequiredService<IOptions<EmbeddingOptions>>(),
            services.GetRequiredService<IOptions<Auditing.AuditOptions>>()));
        builder.Services.AddHostedService(services => new Announcement(isShared, services.GetRequiredService<ILogger<Announcement>>()));
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

        builder.AddRedisClient(Components.Cache, settings =>
        {
            settings.DisableHealthChecks = true;
            // Connecting blocks while Redis is away; SharedVectors does it in the background.
            settings.DisableAutoActivation = true;
        });
        builder.Services.AddSingleton(services => new SharedVectors(
            services.GetRequiredService<IConnectionMultiplexer>,
            services.GetRequiredService<IOptions<EmbeddingOptions>>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<SharedVectors>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<SharedVectors>());
    }

    private sealed partial class Announcement(bool isShared, ILogger<Announcement> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (isShared)
            {
                Log.Shared(logger);
            }
            else
            {
                Log.Local(logger);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private static partial class Log
        {
            [LoggerMessage(2210, LogLevel.Information, "Embedding cache: this process and Redis (ConnectionStrings:cache)")]
            public static partial void Shared(ILogger logger);

            [LoggerMessage(2211, LogLevel.Information, "Embedding cache: this process only (ConnectionStrings:cache is not set)")]
            public static partial void Local(ILogger logger);
        }
    }
}
