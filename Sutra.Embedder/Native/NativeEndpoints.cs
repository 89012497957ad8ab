using Sutra.Contracts.Identity;
using Sutra.Embedder.Http;
using Sutra.Embedder.OpenApi;

namespace Sutra.Embedder.Native;

/// <summary>The routes of text-embeddings-inference, with its shapes; errors are problem details.</summary>
internal static class NativeEndpoints
{
    public static void MapNative(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").RequireAuthorization(Permissions.Read).WithTags("Native");
        routes.MapPostOnly("/embed", (HttpContext context, EmbedHandler handler) => handler.EmbedAsync(context))
            .Accepts<EmbedBody>("application/json")
            .Produces<IReadOnlyList<IReadOnlyList<float>>>()
            .ProducesErrors(isOpenAi: false)
            .WithName("embed")
            .WithSummary("A vector of each text.");
        routes.MapPostOnly("/embed_all", (HttpContext context, EmbedHandler handler) => handler.EmbedAllAsync(context))
            .Accepts<EmbedBody>("application/json")
            .Produces<IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>>()
            .ProducesErrors(isOpenAi: false)
            .WithName("embedAll")
            .WithSummary("A vector of each token of each text.");
        routes.MapPostOnly("/similarity", (HttpContext context, SimilarityHandler handler) => handler.HandleAsync(context))
            .Accepts<SimilarityBody>("application/json")
            .Produces<IReadOnlyList<float>>()
            .ProducesErrors(isOpenAi: false)
            .WithName("similarity")
            .WithSummary("Cosines of one sentence with others.");
        routes.MapPostOnly("/tokenize", (HttpContext context, TokenHandler handler) => handler.TokenizeAsync(context))
            .Accepts<TokenizeBody>("application/json")
            .Produces<IReadOnlyList<IReadOnlyList<TokenShape>>>()
            .ProducesErrors(isOpenAi: false)
            .WithName("tokenize")
            .WithSummary("The tokens of texts, and where they are.");
        routes.MapPostOnly("/decode", (HttpContext context, TokenHandler handler) => handler.DecodeAsync(context))
            .Accepts<DecodeBody>("application/json")
            .Produces<IReadOnlyList<string>>()
            .ProducesErrors(isOpenAi: false)
            .WithName("decode")
            .WithSummary("The text of token ids.");
        routes.MapGetOnly("/info", (HttpContext context, InfoHandler handler) => handler.HandleAsync(context))
            .TakesQuery(InfoHandler.Fields)
            .Produces<EmbedderInfo>()
            .ProducesErrors(isOpenAi: false)
            .WithName("info")
            .WithSummary("What this embedder is, and which model it would answer with, and why.");
    }
}
