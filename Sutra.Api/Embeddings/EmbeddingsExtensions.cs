using Sutra.Api.Clients;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

internal static class EmbeddingsExtensions
{
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
        return builder;
    }
}
