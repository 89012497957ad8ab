using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

internal static class ConceptEndpoints
{
    public static void MapConcepts(this IEndpointRouteBuilder app)
    {
        var concepts = app.MapGroup("/api/concepts");
        concepts.MapGet("/{id}", GetAsync).RequireAuthorization(Permissions.Read);
        concepts.MapDelete("/{id}", DeleteAsync).RequireAuthorization(Permissions.Write);
    }

    private static async Task<JsonHttpResult<ConceptResponse>> GetAsync(
        string id,
        HttpContext context,
        ConceptStoreClient store,
        Auditor auditor,
        CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var conceptId = Parse(id);
        auditor.RequireAvailable();
        var concept = await auditor.RecordFailureAsync(
            caller, AuditActions.Get, [conceptId], () => store.FindAsync(conceptId, caller, cancellation));
        await auditor.RecordAsync(
            caller, AuditActions.Get, concept is null ? AuditOutcomes.NotFound : AuditOutcomes.Ok, [conceptId], concept?.Model, cancellation);
        return concept is null
            ? throw ApiProblem.ConceptNotFound()
            : TypedResults.Json(ToResponse(concept), ApiJson.Default.ConceptResponse);
    }

    private static async Task<NoContent> DeleteAsync(
        string id,
        HttpContext context,
        ConceptStoreClient store,
        Auditor auditor,
        CancellationToken cancellation)
    {
        var caller = Caller.Of(context);
        var conceptId = Parse(id);
        await auditor.IntendAsync(caller, AuditActions.Delete, [conceptId], cancellation);

        // From here on the caller's going away changes nothing: what was begun is ended and recorded.
        var deleted = await auditor.RecordFailureAsync(
            caller, AuditActions.Delete, [conceptId], () => store.DeleteAsync(conceptId, caller, CancellationToken.None));
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
        concept.Model);
}
