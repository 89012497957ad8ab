using Sutra.Api.Auditing;
using Sutra.Api.Collections;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Sutra.Api.Learning;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Concepts;

/// <summary>Changes a concept's metadata and nothing else: its vector stays as it is. Of two changes at once the later one wins, as a whole.</summary>
internal sealed class ConceptEditor(ConceptStoreClient store, CollectionDirectory collections, ServiceIdentity identity, Auditor auditor)
{
    /// <returns>False when there is no such concept.</returns>
    /// <exception cref="ApiProblem">400: there would be too much metadata, or such that may not be.</exception>
    public async Task<bool> PatchAsync(
        string conceptId, IReadOnlyDictionary<string, string?> changes, string? collection, Caller caller, CancellationToken cancellation)
    {
        await collections.FindAsync(collection, caller, cancellation);
        await auditor.IntendAsync(caller, AuditActions.Update, [conceptId], cancellation);
        var changed = await auditor.RecordFailureAsync(
            caller, AuditActions.Update, [conceptId], () => ChangeAsync(conceptId, changes, collection, caller, cancellation));
        await auditor.RecordAsync(
            caller, AuditActions.Update, changed is null ? AuditOutcomes.NotFound : AuditOutcomes.Ok, [conceptId], changed?.Model, CancellationToken.None);
        return changed is not null;
    }

    private async Task<Concept?> ChangeAsync(
        string conceptId, IReadOnlyDictionary<string, string?> changes, string? collection, Caller caller, CancellationToken cancellation)
    {
        // In the API's own name: who may write need not be allowed to read, and is shown nothing of it.
        if (await store.FindAsync(conceptId, collection, identity.Caller, cancellation) is not { } concept)
        {
            return null;
        }

        var metadata = new Dictionary<string, string>(concept.Metadata, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                metadata.Remove(name);
            }
            else
            {
                metadata[name] = value;
            }
        }

        var errors = new FieldErrors();
        LearnValidator.CheckMetadata(metadata, errors);
        errors.ThrowIfAny();
        var request = new LearnRequest
        {
            Id = concept.Id,
            Collection = collection ?? "",
            Content = concept.Content,
            Owner = concept.Owner,
            Model = concept.Model,
            Metadata = { metadata },
            Embedding = { concept.Embedding },
            Associations = { concept.Associations },
        };
        await store.LearnAsync(request, caller, CancellationToken.None);
        return concept;
    }
}
