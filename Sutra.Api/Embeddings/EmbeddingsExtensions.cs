using Sutra.Api.Clients;
using Sutra.Contracts.Embedding.V1;

namespace Sutra.Api.Embeddings;

internal static class EmbeddingsExtensions
{
    // 2,048 vectors of 4,096 dimensions, and their frames.
    private const int MaxMessageBytes = 48 * 1024 * 1024;

    public static WebApplicationBuilder AddEmbeddings(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmbeddingOptions>()
            .BindConfiguration(EmbeddingOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddGrpcClient<Embedder.EmbedderClient>(client => client.Address = new Uri("http://_grpc.embedder"))
            .ConfigureChannel(channel => channel.MaxReceiveMessageSize = MaxMessageBytes)
            .UseDeadlinesOnly();
        builder.Services.AddSingleton<EmbedderClient>();
        builder.Services.AddSingleton<ModelIdentity>();
        return builder;
    }
}
