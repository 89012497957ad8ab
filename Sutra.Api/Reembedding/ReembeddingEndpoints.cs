using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using CreateCollectionRequest = Sutra.Contracts.Storage.V1.CreateCollectionRequest;

namespace Sutra.Api.Reembedding;

internal static class ReembeddingEndpoints
{
    public static void MapReembedding(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/collections/{name}/reembed", BeginAsync).RequireAuthorization(Permissions.Admin);
        app.MapGet("/api/reembeddings", ListAsync).RequireAuthorization(Permissions.Admin);
        app.MapGet("/api/reembeddings/{id}", GetAsync).RequireAuthorization(Permissions.Admin);
        app.MapDelete("/api/reembeddings/{id}", CancelAsync).RequireAuthorization(Permissions.Admin);
    }

    private static async Task<JsonHttpResult<ReembeddingResponse>> BeginAsync(
        string name,
        HttpContext context,
        CollectionStoreClient store,
        EmbeddingModels models,
        CollectionChanges changes,
        ReembeddingService service,
        CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.ReembedRequest, cancellation);
        if (string.IsNullOrWhiteSpace(request.Model))
        {
            throw ApiProblem.Invalid("model", "A model is required: GET /v1/models lists them.");
        }

        var caller = Caller.Of(context);
        var (model, dimension) = await models.FindAsync(request.Model, request.Dimension, cancellation);
        var source = await FindAsync(() => store.GetAsync(name, caller, cancellation));
        if (source.Settings.Model == model && source.Settings.Dimension == dimension)
        {
            throw new ApiProblem(StatusCodes.Status409Conflict, ProblemCodes.CollectionConflict, "The collection has this model already.");
        }

        var settings = source.Settings.Clone();
        (settings.Model, settings.Dimension, settings.ManyModels) = (model, dimension, false);
        var created = await changes.RunAsync(
            caller,
            "reembed-collection",
            () => store.CreateAsync(
                new CreateCollectionRequest
                {
                    Name = $"reembed-{Guid.NewGuid():N}",
                    Settings = settings,
                    Replacement = new Replacement { Of = source.Name, RequestedBy = caller.Subject },
                },
                caller,
                CancellationToken.None),
            cancellation);
        service.Wake();
        context.Response.Headers.Location = $"/api/reembeddings/{created.Id}";
        return TypedResults.Json(Describe(created, source.Concepts), ApiJson.Default.ReembeddingResponse, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<JsonHttpResult<ReembeddingsResponse>> ListAsync(
        HttpContext context, CollectionStoreClient store, Auditor auditor, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var all = await store.ListAsync(Caller.Of(context), cancellation, replacements: true);
        return TypedResults.Json(
            new ReembeddingsResponse([.. all.Where(one => one.Replacement is not null).Select(one => Describe(one, ConceptsOf(all, one.Replacement.Of)))]),
            ApiJson.Default.ReembeddingsResponse);
    }

    private static async Task<JsonHttpResult<ReembeddingResponse>> GetAsync(
        string id, HttpContext context, CollectionStoreClient store, Auditor auditor, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var all = await store.ListAsync(Caller.Of(context), cancellation, replacements: true);
        var found = Find(all, id);
        return TypedResults.Json(
            Describe(found, found.Replacement is { } replacement ? ConceptsOf(all, replacement.Of) : found.Concepts), ApiJson.Default.ReembeddingResponse);
    }

    private static async Task<NoContent> CancelAsync(
        string id, HttpContext context, CollectionStoreClient store, CollectionChanges changes, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        await changes.RunAsync(caller, "cancel-reembedding", async () =>
        {
            var found = Find(await store.ListAsync(caller, CancellationToken.None, replacements: true), id);
            if (found.Replacement is null)
            {
                throw new ApiProblem(StatusCodes.Status409Conflict, ProblemCodes.CollectionConflict, "It is completed.");
            }

            await store.DeleteAsync(found.Name, caller, CancellationToken.None);
            return true;
        }, cancellation);
        return TypedResults.NoContent();
    }

    private static Collection Find(IReadOnlyList<Collection> all, string id) =>
        all.FirstOrDefault(one => one.Id.Length > 0 && one.Id == id)
        ?? throw new ApiProblem(StatusCodes.Status404NotFound, ProblemCodes.ReembeddingNotFound, "There is no re-embedding with this id, or it was cancelled.");

    private static long ConceptsOf(IReadOnlyList<Collection> all, string name) => all.FirstOrDefault(one => one.Name == name)?.Concepts ?? 0;

    private static ReembeddingResponse Describe(Collection target, long total) => new(
        target.Id,
        target.Replacement?.Of ?? target.Name,
        target.Settings.Model,
        target.Settings.Dimension,
        target.Replacement switch { null => "completed", { Working: true } => "running", _ => "waiting" },
        target.Concepts,
        total,
        target.Replacement is { Failure.Length: > 0 } failed ? failed.Failure : null,
        DateTimeOffset.FromUnixTimeMilliseconds(target.CreatedAt));

    private static async Task<Collection> FindAsync(Func<Task<Collection>> find)
    {
        try
        {
            return await find();
        }
        catch (ComponentException e)
        {
            throw CollectionProblems.Of(e);
        }
    }
}
