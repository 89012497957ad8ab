using Sutra.Api.Auditing;
using Sutra.Api.Clients;
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
internal sealed class Learner(EmbedderClient embedder, ConceptStoreClient store, Auditor auditor)
{
    /// <exception cref="ApiProblem">503 of the audit trail.</exception>
    /// <exception cref="ComponentException">The embedder or the storage failed.</exception>
    public async Task<LearnResponse> LearnAsync(LearnRequest request, Caller caller, CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        var intent = auditor.IntendAsync(caller, AuditActions.Learn, [], cancellation);
        var embedding = auditor.RecordFailureAsync(
            caller, AuditActions.Learn, [], () => EmbedAsync(request, caller, cancellation));
        await Task.WhenAll(intent, embedding);
        var embedded = await embedding;

        // From here on the caller's going away changes nothing: what was begun is ended and recorded.
        var learned = await auditor.RecordFailureAsync(
            caller, AuditActions.Learn, [], () => StoreAsync(request, embedded, caller));
        await auditor.RecordAsync(
            caller,
            AuditActions.Learn,
            learned.Created ? AuditOutcomes.Created : AuditOutcomes.Replaced,
            [learned.Id],
            embedded.Model,
            CancellationToken.None);
        return new LearnResponse(learned.Id, learned.Created, embedded.Truncated);
    }

    private Task<Embedded> EmbedAsync(LearnRequest request, Caller caller, CancellationToken cancellation) =>
        embedder.EmbedAsync(request.Content!, model: null, InputType.Document, "content", caller, cancellation);

    private Task<Proto.LearnResponse> StoreAsync(LearnRequest request, Embedded embedded, Caller caller)
    {
        var item = new LearnItem(request.Content!, request.Metadata, request.Associations, request.Owner);
        var message = ConceptMessages.ToRequest(item, embedded);
        message.Collection = request.Collection ?? "";
        return store.LearnAsync(message, caller, CancellationToken.None);
    }
}
