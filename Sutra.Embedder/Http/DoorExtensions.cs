using Sutra.Embedder.Bulk;
using Sutra.Embedder.Models;
using Sutra.Embedder.Native;
using Sutra.Embedder.OpenAi;
using Sutra.Embedder.OpenApi;

namespace Sutra.Embedder.Http;

/// <summary>The HTTP routes.</summary>
internal static class DoorExtensions
{
    public static void AddDoors(this IServiceCollection services)
    {
        services.AddOptions<DoorOptions>().BindConfiguration(EmbedderOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddApiDocument();
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<ModelDirectory>();
        services.AddSingleton<EmbedHandler>();
        services.AddSingleton<SimilarityHandler>();
        services.AddSingleton<TokenHandler>();
        services.AddSingleton<InfoHandler>();
        services.AddSingleton<BatchHandler>();
        services.AddSingleton<StreamHandler>();
    }

    public static void MapDoors(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapOpenAi();
        app.MapNative();
        app.MapBulk();
    }
}
