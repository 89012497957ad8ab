using Sutra.Api.Auditing;
using Sutra.Api.Collections;
using Sutra.Api.Concepts;
using Sutra.Api.Documents;
using Sutra.Api.Embeddings;
using Sutra.Api.Errors;
using Sutra.Api.Generation;
using Sutra.Api.Health;
using Sutra.Api.Idempotency;
using Sutra.Api.Identity;
using Sutra.Api.Ingestion;
using Sutra.Api.Learning;
using Sutra.Api.OpenApi;
using Sutra.Api.Planning;
using Sutra.Api.Querying;
using Sutra.Api.Reembedding;
using Sutra.Api.Telemetry;
using Sutra.Api.Transfer;
using Sutra.Api.Understanding;

namespace Sutra.Api;

internal static class ApiExtensions
{
    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        builder.AddApiProblems();
        builder.AddAuditing();
        builder.AddEmbeddings();
        builder.AddConcepts();
        builder.AddCollections();
        builder.AddGeneration();
        builder.AddIngestion();
        builder.AddReembedding();
        builder.AddComponentHealth();
        builder.AddApiDocument();
        // It logs, at Information, what a service said about a failed call: that may be what the user sent.
        builder.Logging.AddFilter("Grpc.Net.Client", LogLevel.Warning);
        builder.Services.AddSingleton<ServiceIdentity>();
        builder.Services.AddSingleton<ApiTelemetry>();
        builder.AddIdempotency();
        builder.AddLearning();
        builder.AddDocuments();
        builder.Services.AddSingleton<RankingGate>();
        builder.Services.AddSingleton<CatalogCache>();
        builder.Services.AddSingleton<Planner>();
        builder.Services.AddSingleton<WordLikeness>();
        builder.Services.AddSingleton<HeadingVectors>();
        builder.Services.AddSingleton<Retrieval>();
        builder.Services.AddSingleton<QueryPipeline>();
        return builder;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        app.MapLearning();
        app.MapConcepts();
        app.MapDocuments();
        app.MapQuerying();
        app.MapCollections();
        app.MapIngestion();
        app.MapReembedding();
        app.MapTransfer();
        app.MapApiDocument();
        return app;
    }
}
