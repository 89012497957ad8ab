using Sutra.Contracts.Identity;
using Sutra.Embedder.Http;

namespace Sutra.Embedder.Bulk;

/// <summary>Many texts at once: a long list that is split here, or a stream of lines. The same under <c>/v1</c> and without, but for the shape of errors.</summary>
internal static class BulkEndpoints
{
    public static void MapBulk(this IEndpointRouteBuilder app)
    {
        foreach (var prefix in (string[])["", "/v1"])
        {
            var routes = app.MapGroup(prefix + "/embeddings").RequireAuthorization(Permissions.Read).WithTags("Bulk");
            routes.MapPostOnly("/batch", (HttpContext context, BatchHandler handler) => handler.HandleAsync(context));
            routes.MapPostOnly("/stream", (HttpContext context, StreamHandler handler) => handler.HandleAsync(context));
        }
    }
}
