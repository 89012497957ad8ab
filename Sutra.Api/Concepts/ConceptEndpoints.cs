using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;
using LearnRequest = Sutra.Contracts.Api.LearnRequest;
using LearnResponse = Sutra.Contracts.Api.LearnResponse;

namespace Sutra.Api.Concepts;

internal static class ConceptEndpoints
{
    public static void MapConcepts(this IEndpointRouteBuilder app)
    {
        var concepts = app.MapGroup("/api/concepts");
        concepts.MapGet("/{id}", GetAsync).RequireAuthorization(Permissions.Read);
        concepts.MapPut("/{id}", ReplaceAsync).RequireAuthorization(Permissions.Write);
        concepts.MapPatch("/{id}", PatchAsync).RequireAuthorization(Permissions.Write);
        concepts.MapDelete("/{id}", DeleteAsync).RequireAuthorization(Permissions.Write);
    }

    private static async Task<JsonHttpResult<ConceptResponse>> GetAsync(
        string id,
        HttpContext context,
        ConceptStoreClient store,
        CollectionDirectory collections,
        Auditor auditor,
        CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var collection = RequestScope.Of(context.Request).Collection;
        var conceptId = Parse(id);
        await collections.FindAsync(collection, caller, cancellation);
        auditor.RequireAvailable();
        var concept = await auditor.RecordFailureAsync(
            caller, AuditActions.Get, [conceptId], () => store.FindAsync(conceptId, collection, caller, cancellation));
        await auditor.RecordAsync(
            caller, AuditActions.Get, concept is null ? AuditOutcomes.NotFound : AuditOutcomes.Ok, [conceptId], concept?.Model, cancellation);
        return concept is null
            ? throw ApiProblem.ConceptNotFound()
            : TypedResults.Json(ToResponse(concept), ApiJson.Default.ConceptResponse);
    }

    private static async Task<JsonHttpResult<LearnResponse>> ReplaceAsync(
        string id,
        HttpContext context,
        Learner learner,
        CancellationToken cancellation)
    {
        var scope = RequestScope.Of(context.Request);
        var conceptId = Parse(id);
        var request = await JsonBody.ReadAsync(context.Request, ApiJson.Default.LearnRequest, cancellation);
        request = request with { Collection = request.Collection ?? scope.Collection, Owner = request.Owner ?? scope.Owner };
        LearnValidator.Check(request);
        var response = await learner.ReplaceAsync(conceptId, request, Caller.Of(context), cancellation);
        return TypedResults.Json(response, ApiJson.Default.LearnResponse);
    }

    private static async Task<NoContent> PatchAsync(string id, HttpContext context, ConceptEditor editor, CancellationToken cancellation)
    {
        var collection = RequestScope.Of(context.Request).Collection;
        var conceptId = Parse(id);
        var patch = await JsonBody.ReadAsync(context.Request, ApiJson.Default.ConceptPatch, cancellation);
        if (patch.Metadata is not { Count: > 0 } changes)
        {
            throw ApiProblem.Invalid("metadata", "It is required: the pairs to set, and those to remove as null.");
        }

        return await editor.PatchAsync(conceptId, changes, collection, Caller.Of(context), cancellation)
            ? TypedResults.NoContent()
            : throw ApiProblem.ConceptNotFound();
    }

    private static async Task<NoContent> DeleteAsync(
        string id,
        HttpContext context,
        ConceptStoreClient store,
        CollectionDirectory collections,
        Auditor auditor,
        CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var collection = RequestScope.Of(context.Request).Collection;
        var conceptId = Parse(id);
        await collections.FindAsync(collection, caller, cancellation);
        await auditor.IntendAsync(caller, AuditActions.Delete, [conceptId], cancellation);

        // From here on the caller's going away changes nothing: what was begun is ended and recorded.
        var deleted = await auditor.RecordFailureAsync(
            caller, AuditActions.Delete, [conceptId], () => store.DeleteAsync(conceptId, collection, caller, CancellationToken.None));
        await auditor.RecordAsync(
            caller, AuditActions.Delete, deleted ? AuditOutcomes.Ok : AuditOutcomes.NotFound, [conceptId], model: null, CancellationToken.None);
        return deleted ? TypedResults.NoContent() : throw ApiProblem.ConceptNotFound();
    }

    private static string Parse(string id) => ConceptId.TryParse(id, out var parsed) ? parsed : throw ApiProblem.ConceptNotFound();

    private static ConceptResponse ToResponse(Concept concept) => new(
        concept.Id,
        concept.Content,
        concept.Metadata,
        [.. concept.Associations.Select(edge => new AssociationContract(edge.TargetId, edge.Type, edge.Weight))],
        concept.Model,
        DateTimeOffset.FromUnixTimeMilliseconds(concept.LearnedAt),
        concept.Owner.Length == 0 ? null : concept.Owner);
}
