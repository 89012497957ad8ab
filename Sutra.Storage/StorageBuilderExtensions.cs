using Microsoft.Extensions.DependencyInjection.Extensions;
using Sutra.ServiceDefaults.Health;
using Sutra.Storage.Collections;
using Sutra.Storage.Encryption;
using Sutra.Storage.Files;
using Sutra.Storage.Grpc;
using Sutra.Storage.Health;
using Sutra.Storage.Telemetry;

namespace Sutra.Storage;

/// <summary>What the storage service is made of, and where it answers.</summary>
internal static class StorageBuilderExtensions
{
    // The largest concept that the limits allow takes some 1.6 MiB: 1 MiB of content, 65,536 floats, 64 pairs of metadata. Many at once are smaller: 1,024 of
    // 4,096 dimensions without their text.
    private const int MaxMessageBytes = 16 * 1024 * 1024;

    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StorageOptions>()
            .BindConfiguration(StorageOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<IFileSystem, DiskFileSystem>();
        builder.Services.AddSingleton<StorageTelemetry>();
        builder.Services.AddStorageEncryption();
        builder.Services.AddSingleton(StoreLifetime.Open);
        builder.Services.AddHostedService<StoreLifetime>();
        builder.Services.AddHostedService<Expiry>();
        builder.Services.AddHealthChecks()
            .AddCheck<LogHealthCheck>(LogHealthCheck.Name, tags: [HealthTags.Health, HealthTags.Ready]);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxMessageBytes;
            grpc.Interceptors.Add<EngineErrors>();
        });
        return builder;
    }

    public static WebApplication MapStorage(this WebApplication app)
    {
        app.MapGrpcService<ConceptStoreService>();
        app.MapGrpcService<CollectionsService>();
        return app;
    }
}
