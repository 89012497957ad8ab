using Sutra.Api.Clients;

namespace Sutra.Api.Collections;

internal static class CollectionsExtensions
{
    public static WebApplicationBuilder AddCollections(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpcClient<Contracts.Storage.V1.Collections.CollectionsClient>(client => client.Address = new Uri("http://_grpc.storage"))
            .UseDeadlinesOnly();
        builder.Services.AddSingleton<CollectionStoreClient>();
        builder.Services.AddSingleton<CollectionDirectory>();
        builder.Services.AddSingleton<CollectionChanges>();
        builder.Services.AddSingleton<EmbeddingModels>();
        return builder;
    }
}
