using Sutra.Contracts.Identity;
using Sutra.Embedder.Http;
using Sutra.Embedder.OpenApi;

namespace Sutra.Embedder.Bulk;

/// <summary>Many texts at once: a long list that is split here, or a stream of lines. The same under <c>/v1</c> and without, but for the shape of errors.</summary>
internal static class BulkEndpoints
{
    public static void MapBulk(this IEndpointRouteBuilder app)
    {
        foreach (var prefix in (string[])["", "/v1"])
        {
            var routes = app.MapGroup(prefix + "/embeddings").RequireAuthorization(Permissions.Read).WithTags("Bulk");
            var isOpenAi = prefix.Length > 0;
            var version = isOpenAi ? "V1" : "";
            routes.MapPostOnly("/batch", (HttpContext context, BatchHandler handler) => handler.HandleAsync(context))
                .Accepts<BatchBody>("application/json")
                .Produces<EmbeddingList>()
                .ProducesErrors(isOpenAi)
                .WithName("embedBatch" + version)
                .WithSummary("Embeds a long list; a bad text fails alone.");
            routes.MapPostOnly("/stream", (HttpContext context, StreamHandler handler) => handler.HandleAsync(context))
                .Accepts<StreamText>(StreamHandler.Types[0], StreamHandler.Types[1..])
                .Produces<StreamLine>(StatusCodes.Status200OK, StreamHandler.Types[0])
                .TakesQuery(StreamSettings.Names)
                .ProducesErrors(isOpenAi)
                .WithName("embedStream" + version)
                .WithSummary("Embeds line by line, both ways at once; the schemas are those of a line.");
        }
    }
}
