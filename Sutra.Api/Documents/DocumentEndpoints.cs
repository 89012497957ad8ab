using Microsoft.AspNetCore.Http.HttpResults;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Errors;
using Sutra.Api.Idempotency;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;
using Sutra.Contracts.Identity;

namespace Sutra.Api.Documents;

internal static class DocumentEndpoints
{
    public static void MapDocuments(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/documents", LearnAsync).RequireAuthorization(Permissions.Write).TakesIdempotencyKey();
        app.MapGet("/api/documents/{id}", GetAsync).RequireAuthorization(Permissions.Read);
        app.MapDelete("/api/documents/{id}", DeleteAsync).RequireAuthorization(Permissions.Write);
    }

    /// <summary>The first document's failure is the request's, as nothing was learned; a later one's is its own.</summary>
    private static async Task<JsonHttpResult<DocumentsResponse>> LearnAsync(
        HttpContext context, DocumentReader reader, DocumentLearner learner, CancellationToken cancellation)
    {
        var asked = reader.Parameters(context.Request);
        var caller = Caller.Of(context);
        var learned = new List<DocumentResponse>();
        await foreach (var document in reader.ReadAsync(context.Request, asked, cancellation))
        {
            try
            {
                learned.Add(await learner.LearnAsync(document, asked, caller, cancellation));
            }
            catch (Exception e) when (learned.Count > 0 && e is ApiProblem or ComponentException)
            {
                learned.Add(Failed(document, e as ApiProblem ?? ((ComponentException)e).ToProblem()));
            }
        }

        return TypedResults.Json(new DocumentsResponse(learned), ApiJson.Default.DocumentsResponse);
    }

    private static async Task<JsonHttpResult<DocumentDescription>> GetAsync(
        string id, HttpContext context, DocumentStore documents, Auditor auditor, CancellationToken cancellation)
    {
        var collection = Scope(id, context);
        var caller = Caller.Of(context);
        auditor.RequireAvailable();
        var pieces = await auditor.RecordFailureAsync(caller, AuditActions.Get, [], () => documents.PiecesAsync(id, collection, cancellation));
        await auditor.RecordAsync(
            caller,
            AuditActions.Get,
            pieces.Count == 0 ? AuditOutcomes.NotFound : AuditOutcomes.Ok,
            [.. pieces.Select(piece => piece.Id)],
            model: null,
            cancellation);
        if (pieces.Count == 0)
        {
            throw NotFound();
        }

        return TypedResults.Json(
            new DocumentDescription(
                id,
                pieces[0].Metadata.GetValueOrDefault(PieceMetadata.Source, ""),
                pieces.Max(piece => DateTimeOffset.FromUnixTimeMilliseconds(piece.LearnedAt)),
                [.. pieces.Select(piece => new DocumentChunk(
                    piece.Id,
                    PieceMetadata.ChunkOf(piece),
                    piece.Metadata.GetValueOrDefault(PieceMetadata.Section),
                    PieceMetadata.Number(piece, PieceMetadata.Offset),
                    PieceMetadata.Number(piece, PieceMetadata.Length)))]),
            ApiJson.Default.DocumentDescription);
    }

    private static async Task<NoContent> DeleteAsync(
        string id, HttpContext context, DocumentStore documents, Auditor auditor, CancellationToken cancellation)
    {
        var collection = Scope(id, context);
        var caller = Caller.Of(context);
        auditor.RequireAvailable();
        var pieces = await auditor.RecordFailureAsync(caller, AuditActions.Delete, [], () => documents.PiecesAsync(id, collection, cancellation));
        if (pieces.Count == 0)
        {
            await auditor.RecordAsync(caller, AuditActions.Delete, AuditOutcomes.NotFound, [], model: null, cancellation);
            throw NotFound();
        }

        await documents.DeleteAsync([.. pieces.Select(piece => piece.Id)], collection, caller, cancellation);
        return TypedResults.NoContent();
    }

    private static string? Scope(string id, HttpContext context) =>
        DocumentReader.IsDocumentId(id) ? RequestScope.Of(context.Request).Collection : throw NotFound();

    private static DocumentResponse Failed(DocumentUpload document, ApiProblem problem) => new(
        document.DocumentId,
        document.Name,
        Chunks: 0,
        Created: 0,
        Unchanged: 0,
        Deleted: 0,
        Truncated: 0,
        ConceptIds: [],
        Errors: [],
        Error: new ItemError(
            problem.Code,
            problem.Errors?.Keys.FirstOrDefault(),
            problem.Errors?.Values.FirstOrDefault()?[0] ?? problem.Message,
            problem.Status >= StatusCodes.Status500InternalServerError));

    private static ApiProblem NotFound() =>
        new(StatusCodes.Status404NotFound, ProblemCodes.DocumentNotFound, "There is no document with this id in the collection.");
}
