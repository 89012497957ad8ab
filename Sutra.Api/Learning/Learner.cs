using Grpc.Core;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Concepts;
using Sutra.Api.Embeddings;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Contracts.Api;
using Sutra.Contracts.Embedding.V1;
using Proto = Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Learning;

/// <summary>
/// Learns a concept: the audit intent is committed while the text is embedded, then the storage makes it durable, then the
/// outcome is committed, then it is acknowledged. Whatever ends in between, there is no concept without a record.
/// </summary>
internal sealed class Learner(EmbedderClient embedder, CollectionDirectory collections, ConceptStoreClient store, Auditor auditor)
{
    /// <exception cref="ApiProblem">503 of the audit trail.</exception>
    /// <exception cref="ComponentException">The embedder or the storage failed.</exception>
    public Task<LearnResponse> LearnAsync(LearnRequest request, Caller caller, CancellationToken cancellation) =>
        LearnAsync(request, conceptId: null, caller, cancellation);

    /// <summary>Puts something else in a concept's place, under its id.</summary>
    /// <exception cref="ApiProblem">503 of the audit trail; 404; 409: another concept has this content.</exception>
    /// <exception cref="ComponentException">The embedder or the storage failed.</exception>
    public Task<LearnResponse> ReplaceAsync(string conceptId, LearnRequest request, Caller caller, CancellationToken cancellation) =>
        LearnAsync(request, conceptId, caller, cancellation);

    private async Task<LearnResponse> LearnAsync(LearnRequest request, string? conceptId, Caller caller, CancellationToken cancellation)
    {
        string[] ids = conceptId is null ? [] : [conceptId];
        auditor.RequireAvailable();
        var intent = auditor.IntendAsync(caller, AuditActions.Learn, ids, cancellation);
        var embedding = auditor.RecordFailureAsync(
            caller, AuditActions.Learn, ids, () => EmbedAsync(request, caller, cancellation));
        await Task.WhenAll(intent, embedding);
        var embedded = await embedding;

        // From here on the caller's going away changes nothing: what was begun is ended and recorded.
        var (learned, model, truncated) = await auditor.RecordFailureAsync(
            caller, AuditActions.Learn, ids, () => StoreAsync(request, conceptId, embedded, caller));
        await auditor.RecordAsync(
            caller,
            AuditActions.Learn,
            learned.Created ? AuditOutcomes.Created : AuditOutcomes.Replaced,
            [learned.Id],
            model,
            CancellationToken.None);
        return new LearnResponse(learned.Id, learned.Created, truncated);
    }

    private async Task<Embedded> EmbedAsync(LearnRequest request, Caller caller, CancellationToken cancellation)
    {
        var collection = await collections.FindAsync(request.Collection, caller, cancellation);
        return await embedder.EmbedAsync(
            request.Content!, collection.EmbeddingModel, collection.Dimensions, InputType.Document, "content", caller, cancellation);
    }

    private async Task<(Proto.LearnResponse Learned, string Model, bool Truncated)> StoreAsync(
        LearnRequest request, string? conceptId, Embedded embedded, Caller caller)
    {
        for (var attempt = 0; ; attempt++)
        {
            var item = new LearnItem(request.Content!, request.Metadata, request.Associations, request.Owner, conceptId);
            var message = ConceptMessages.ToRequest(item, embedded);
            message.Collection = request.Collection ?? "";
            try
            {
                return (await store.LearnAsync(message, caller, CancellationToken.None), embedded.Model, embedded.Truncated);
            }
            catch (ComponentException e) when (e.IsOtherModel() && attempt == 0)
            {
                // The collection has gone over to another model meanwhile.
                collections.Forget();
                embedded = await EmbedAsync(request, caller, CancellationToken.None);
            }
            catch (ComponentException e) when (e.StatusCode == StatusCode.AlreadyExists)
            {
                throw ApiProblem.OfField(
                    StatusCodes.Status409Conflict, ProblemCodes.ContentExists, "content", "Another concept of the collection has this content.");
            }
        }
    }
}
