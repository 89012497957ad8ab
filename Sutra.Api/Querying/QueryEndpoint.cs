using System.Text.Json;
using Sutra.Api.Errors;
using Sutra.Api.Generation;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Querying;

internal static class QueryEndpoint
{
    public const int MaxQueryLength = 8192;
    public const int MaxTopK = 100;

    public static void MapQuerying(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/query", QueryAsync).RequireAuthorization(Permissions.Read);

    private static async Task<IResult> QueryAsync(HttpContext context, QueryPipeline pipeline, AnswerGenerator generator, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.QueryRequest, cancellation);
        var filter = Check(request, generator);
        var caller = Caller.Of(context);
        if (request.Stream || AcceptsEvents(context.Request))
        {
            return new QueryEvents(request, filter, pipeline, generator, caller);
        }

        var response = await pipeline.AskAsync(request, filter, caller, cancellation);
        response = request.Generate ? await generator.WriteAsync(request, response, caller, send: null, cancellation) : response;
        return TypedResults.Json(response, ApiJson.Default.QueryResponse);
    }

    private static bool AcceptsEvents(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase) && type.Quality is null or > 0);

    private static Filter? Check(QueryRequest request, AnswerGenerator generator)
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

        if (request.Mode is not (null or QueryModes.Auto or QueryModes.Retrieve))
        {
            errors.Add("mode", $"mode is {QueryModes.Auto} or {QueryModes.Retrieve}.");
        }

        if (request.Collection is { } name && !CollectionName.IsValid(name))
        {
            errors.Add("collection", CollectionName.Rule);
        }

        if (request.Generate && !generator.IsAvailable)
        {
            errors.Add("generate", "No language model is configured here: Generation:Endpoint and Generation:Model are not set.");
        }

        errors.ThrowIfAny();
        return request.Filter is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } filter ? FilterReader.Read(filter) : null;
    }
}
