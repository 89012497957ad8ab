using Sutra.Api.Auditing;
using Sutra.Api.Collections;
using Sutra.Api.Concepts;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Documents;

/// <summary>A document's pieces in the storage: the concepts that name it in their metadata.</summary>
internal sealed class DocumentStore(ConceptStoreClient store, CollectionDirectory collections, ServiceIdentity identity, Auditor auditor)
{
    /// <returns>Without vectors, in the order of the document.</returns>
    public async Task<IReadOnlyList<Concept>> PiecesAsync(string documentId, string? collection, CancellationToken cancellation)
    {
        await collections.FindAsync(collection, identity.Caller, cancellation);

        // In the API's own name: who may write need not be allowed to read.
        var pieces = await store.ScanAsync(
            new ScanRequest
            {
                Collection = collection ?? "",
                Filter = new Filter { Equal = new FieldValue { Field = PieceMetadata.DocumentId, Value = documentId } },
            },
            identity.Caller,
            cancellation);
        return [.. pieces.OrderBy(PieceMetadata.ChunkOf)];
    }

    /// <summary>Deletes pieces; the record has all their ids. What was begun is ended.</summary>
    public async Task DeleteAsync(IReadOnlyList<string> ids, string? collection, Caller caller, CancellationToken cancellation)
    {
        await auditor.IntendAsync(caller, AuditActions.Delete, ids, cancellation);
        await auditor.RecordFailureAsync(caller, AuditActions.Delete, ids, async () =>
        {
            foreach (var id in ids)
            {
                await store.DeleteAsync(id, collection, caller, CancellationToken.None);
            }

            return true;
        });
        await auditor.RecordAsync(caller, AuditActions.Delete, AuditOutcomes.Ok, ids, model: null, CancellationToken.None);
    }
}
