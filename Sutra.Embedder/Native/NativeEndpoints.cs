using Sutra.Contracts.Identity;
using Sutra.Embedder.Http;

namespace Sutra.Embedder.Native;

/// <summary>The routes of text-embeddings-inference, with its shapes; errors are problem details.</summary>
internal static class NativeEndpoints
{
    public static void MapNative(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").RequireAuthorization(Permissions.Read).WithTags("Native");
        routes.MapPostOnly("/embed", (HttpContext context, EmbedHandler handler) => handler.EmbedAsync(context));
        routes.MapPostOnly("/embed_all", (HttpContext context, EmbedHandler handler) => handler.EmbedAllAsync(context));
        routes.MapPostOnly("/similarity", (HttpContext context, SimilarityHandler handler) => handler.HandleAsync(context));
        routes.MapPostOnly("/tokenize", (HttpContext context, TokenHandler handler) => handler.TokenizeAsync(context));
        routes.MapPostOnly("/decode", (HttpContext context, TokenHandler handler) => handler.DecodeAsync(context));
        routes.MapGetOnly("/info", (HttpContext context, InfoHandler handler) => handler.HandleAsync(context));
    }
}
