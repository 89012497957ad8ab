using Sutra.Api.Clients;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

internal static class ConceptsExtensions
{
    // Room for the candidates of a query: hits carry their content, which may be 1 MiB each.
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    public static WebApplicationBuilder AddConcepts(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ConceptStoreOptions>()
            .BindConfiguration(ConceptStoreOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddGrpcClient<ConceptStore.ConceptStoreClient>(client => client.Address = new Uri("http://_grpc.storage"))
            .ConfigureChannel(channel => channel.MaxReceiveMessageSize = MaxMessageBytes)
            .UseDeadlinesOnly();
        builder.Services.AddSingleton<ConceptStoreClient>();
        builder.Services.AddSingleton<ConceptEditor>();
        return builder;
    }
}
