using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Collections;

internal static class CollectionEndpoints
{
    public static void MapCollections(this IEndpointRouteBuilder app)
    {
        var collections = app.MapGroup("/api/collections");
        collections.MapPost("", CreateAsync).RequireAuthorization(Permissions.Admin);
        collections.MapGet("", ListAsync).RequireAuthorization(Permissions.Read);
        collections.MapGet("/{name}", GetAsync).RequireAuthorization(Permissions.Read);
        collections.MapPatch("/{name}", UpdateAsync).RequireAuthorization(Permissions.Admin);
        collections.MapDelete("/{name}", DeleteAsync).RequireAuthorization(Permissions.Admin);
        app.MapFields();
        app.MapPut("/api/aliases/{alias}", SetAliasAsync).RequireAuthorization(Permissions.Admin);
        app.MapDelete("/api/aliases/{alias}", DeleteAliasAsync).RequireAuthorization(Permissions.Admin);
    }

    private static async Task<JsonHttpResult<CollectionResponse>> CreateAsync(
        HttpContext context, EmbeddingModels models, CollectionStoreClient store, CollectionChanges changes, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.CreateCollectionRequest, cancellation);
        CollectionValidator.Check(request);
        var (model, dimension) = await models.FindAsync(request.Model, request.Dimension, cancellation);
        var caller = Caller.Of(context);
        var created = await changes.RunAsync(
            caller, "create-collection", () => store.CreateAsync(request.ToMessage(model, dimension), caller, CancellationToken.None), cancellation);
        context.Response.Headers.Location = $"/api/collections/{created.Name}";
        return TypedResults.Json(created.ToResponse(), ApiJson.Default.CollectionResponse, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<CollectionsResponse>> ListAsync(
        HttpContext context, CollectionStoreClient store, Auditor auditor, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var collections = await store.ListAsync(Caller.Of(context), cancellation);
        return TypedResults.Json(new CollectionsResponse([.. collections.Select(collection => collection.ToResponse())]), ApiJson.Default.CollectionsResponse);
    }

    private static async Task<JsonHttpResult<CollectionDetailResponse>> GetAsync(
        string name, HttpContext context, CollectionStoreClient store, Auditor auditor, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var caller = Caller.Of(context);
        try
        {
            var collection = await store.GetAsync(name, caller, cancellation);
            var statistics = await store.GetStatisticsAsync(name, caller, cancellation);
            return TypedResults.Json(new CollectionDetailResponse(collection.ToResponse(), statistics.ToResponse()), ApiJson.Default.CollectionDetailResponse);
        }
        catch (ComponentException e)
        {
            throw CollectionProblems.Of(e);
        }
    }

    private static async Task<JsonHttpResult<CollectionResponse>> UpdateAsync(
        string name, HttpContext context, CollectionStoreClient store, CollectionChanges changes, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.UpdateCollectionRequest, cancellation);
        CollectionValidator.Check(request);
        var caller = Caller.Of(context);
        var updated = await changes.RunAsync(
            caller, "update-collection", () => store.UpdateAsync(request.ToMessage(name), caller, CancellationToken.None), cancellation);
        return TypedResults.Json(updated.ToResponse(), ApiJson.Default.CollectionResponse);
    }

    private static async Task<NoContent> DeleteAsync(
        string name, HttpContext context, CollectionStoreClient store, CollectionChanges changes, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        await changes.RunAsync(caller, "delete-collection", async () =>
        {
            await store.DeleteAsync(name, caller, CancellationToken.None);
            return true;
        }, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<JsonHttpResult<CollectionResponse>> SetAliasAsync(
        string alias, HttpContext context, CollectionStoreClient store, CollectionChanges changes, CancellationToken cancellation)
    {
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.SetAliasRequest, cancellation);
        var errors = new FieldErrors();
        CollectionValidator.Name(alias, "alias", errors);
        CollectionValidator.Name(request.Collection, "collection", errors);
        errors.ThrowIfAny();
        var caller = Caller.Of(context);
        var collection = await changes.RunAsync(
            caller, "set-alias", () => store.SetAliasAsync(alias, request.Collection!, caller, CancellationToken.None), cancellation);
        return TypedResults.Json(collection.ToResponse(), ApiJson.Default.CollectionResponse);
    }

    private static async Task<NoContent> DeleteAliasAsync(
        string alias, HttpContext context, CollectionStoreClient store, CollectionChanges changes, CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        await changes.RunAsync(caller, "delete-alias", async () =>
        {
            await store.DeleteAliasAsync(alias, caller, CancellationToken.None);
            return true;
        }, cancellation);
        return TypedResults.NoContent();
    }
}
