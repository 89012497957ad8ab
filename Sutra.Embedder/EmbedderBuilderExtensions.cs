using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sutra.Contracts.Identity;
using Sutra.Embedder.Caching;
using Sutra.Embedder.Grpc;
using Sutra.Embedder.Health;
using Sutra.Embedder.Http;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Selection;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Store;
using Sutra.Embedder.Telemetry;
using Sutra.ServiceDefaults.Health;

namespace Sutra.Embedder;

/// <summary>What the embedder is made of, and where it answers.</summary>
internal static class EmbedderBuilderExtensions
{
    public static WebApplicationBuilder AddEmbedder(this WebApplicationBuilder builder)
    {
        // Requests are read and answered by the thread that handles them, without one more between it and the socket. Reading is a
        // pool thread's as before: no handler ever blocks the sockets' own.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddOptions<EmbedderOptions>()
            .BindConfiguration(EmbedderOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddOptions<ServingOptions>()
            .BindConfiguration(EmbedderOptions.Section)
            .Configure<IConfiguration>(ServingOptions.ReadVariables)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<EmbedderTelemetry>();
        builder.Services.AddSingleton(services => new EmbeddingEngine(
            services.GetRequiredService<IOptions<EmbedderOptions>>().Value,
            services.GetRequiredService<EmbedderTelemetry>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<EmbeddingEngine>>()));
        builder.Services.AddSingleton<ConfiguredModels>();
        builder.Services.AddSingleton<ModelIndex>();
        builder.Services.AddSingleton<ModelLoader>();
        builder.Services.AddSingleton<ModelHost>();
        builder.Services.AddModelStore();
        builder.Services.AddHostedService<DefaultModelLoader>();
        builder.Services.AddSingleton<ModelSelector>();
        builder.AddVectorCache();
        builder.Services.AddSingleton<EmbeddingPipeline>();
        builder.Services.AddDoors();
        builder.Services.AddHealthChecks()
            .AddCheck<InferenceHealthCheck>(InferenceHealthCheck.Name, tags: [HealthTags.Health, HealthTags.Ready]);

        var limit = builder.Configuration.GetSection(EmbedderOptions.Section).Get<EmbedderOptions>()?.MaxBodyBytes;
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = limit ?? new EmbedderOptions().MaxBodyBytes);
        return builder;
    }

    /// <summary>Over HTTP a caller must be allowed to read; over gRPC, between services, any known caller: to learn is to embed, too.</summary>
    public static WebApplication MapEmbedder(this WebApplication app)
    {
        app.UseGrpcBodyBudget();
        app.MapDoors();
        app.MapGrpcService<EmbedderService>().RequireAuthorization();
        return app;
    }
}
