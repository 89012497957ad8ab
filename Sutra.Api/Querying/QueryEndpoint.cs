using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Querying;

internal static class QueryEndpoint
{
    public const int MaxQueryLength = 8192;
    public const int MaxTopK = 100;

    public static void MapQuerying(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/query", QueryAsync).RequireAuthorization(Permissions.Read);

    private static async Task<JsonHttpResult<QueryResponse>> QueryAsync(HttpContext context, QueryPipeline pipeline, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.QueryRequest, cancellation);
        Check(request);
        return TypedResults.Json(await pipeline.AskAsync(request, Caller.Of(context), cancellation), ApiJson.Default.QueryResponse);
    }

    private static void Check(QueryRequest request)
    {
        var errors = new FieldErrors();
        if (string.IsNullOrWhiteSpace(request.Query))
        {
            errors.Add("query", "A query is required, and not only white space.");
        }
        else if (request.Query.Length > MaxQueryLength)
        {
            errors.Add("query", $"A query has at most {MaxQueryLength} characters.");
        }

        if (request.TopK is < 1 or > MaxTopK)
        {
            errors.Add("top_k", $"top_k is 1 to {MaxTopK}.");
        }

        errors.ThrowIfAny();
    }
}
