using System.Diagnostics;
using Sutra.Api.Auditing;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Concepts;
using Sutra.Api.Embeddings;
using Sutra.Api.Errors;
using Sutra.Api.Identity;
using Proto = Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Learning;

/// <summary>
/// Learns many concepts at once, in the order of <see cref="Learner"/>: the audit intent is committed while the texts are embedded,
/// then the storage makes them durable, then the outcome, with the ids, is committed, then they are acknowledged. One intent and
/// one outcome stand for the whole batch. Singleton; any number of batches may be learned at once.
/// </summary>
internal sealed class BatchLearner(EmbedderClient embedder, CollectionDirectory collections, ConceptStoreClient store, ModelIdentity served, Auditor auditor)
{
    private static readonly TimeSpan ModelLimit = TimeSpan.FromSeconds(5);

    /// <summary>Learns the items; what is wrong with one is its own outcome and the others are learned.</summary>
    /// <param name="collection">Name or alias; null for the default one.</param>
    /// <param name="items">Any number; a few hundred is a good batch. Of two with the same content, the later one stays.</param>
    /// <returns>In the order of the items.</returns>
    /// <exception cref="ApiProblem">404 <c>collection_not_found</c>; 503 of the audit trail: what was learned is not to be told, and may be learned again.</exception>
    /// <exception cref="ComponentException">The embedder or the storage could not do anything of it.</exception>
    public Task<IReadOnlyList<LearnOutcome>> LearnAsync(
        string? collection, IReadOnlyList<LearnItem> items, Caller caller, CancellationToken cancellation) =>
        LearnAsync(collection, items, AuditActions.LearnBatch, caller, cancellation);

    /// <param name="action">What the audit trail calls it.</param>
    /// <inheritdoc cref="LearnAsync(string, IReadOnlyList{LearnItem}, Caller, CancellationToken)"/>
    public async Task<IReadOnlyList<LearnOutcome>> LearnAsync(
        string? collection, IReadOnlyList<LearnItem> items, string action, Caller caller, CancellationToken cancellation)
    {
        var outcomes = new LearnOutcome?[items.Count];
        var valid = new List<int>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (LearnValidator.Check(items[i]) is { } error)
            {
                outcomes[i] = LearnOutcome.Failed(error);
            }
            else
            {
                valid.Add(i);
            }
        }

        if (valid.Count > 0)
        {
            await LearnValidAsync(collection, items, valid, outcomes, action, caller, cancellation);
        }

        return outcomes!;
    }

    private async Task LearnValidAsync(
        string? collection,
        IReadOnlyList<LearnItem> items,
        List<int> valid,
        LearnOutcome?[] outcomes,
        string action,
        Caller caller,
        CancellationToken cancellation)
    {
        auditor.RequireAvailable();
        string[] replaced = [.. valid.Select(i => items[i].ConceptId).OfType<string>().Select(id => id.ToLowerInvariant())];
        var intent = auditor.IntendAsync(caller, action, replaced, cancellation);
        var embedding = auditor.RecordFailureAsync(
            caller, action, replaced, () => EmbedAsync(collection, items, valid, caller, cancellation));
        await Task.WhenAll(intent, embedding);
        var embedded = await embedding;

        // From here on the caller's going away changes nothing: what was begun is ended and recorded.
        var model = await auditor.RecordFailureAsync(caller, action, replaced, async () =>
        {
            var made = await StoreAsync(collection, items, valid, embedded, outcomes, caller);

            // The collection has gone over to another model meanwhile: once more, with that one.
            var others = valid.FindAll(i => outcomes[i]!.Error is { Field: "model" or "embedding" });
            if (others.Count > 0)
            {
                collections.Forget();
                var again = await EmbedAsync(collection, items, others, caller, CancellationToken.None);
                made = await StoreAsync(collection, items, others, again, outcomes, caller);
            }

            return made;
        });
        var learned = valid.Where(i => outcomes[i]!.Error is null).Select(i => outcomes[i]!).ToList();
        var created = learned.Count(outcome => outcome.Created);
        await auditor.RecordAsync(
            caller,
            action,
            AuditOutcomes.Counted(created, learned.Count - created, valid.Count - learned.Count),
            learned.ConvertAll(outcome => outcome.ConceptId!),
            model,
            CancellationToken.None);
    }

    private async Task<EmbeddedText[]> EmbedAsync(
        string? collection, IReadOnlyList<LearnItem> items, List<int> which, Caller caller, CancellationToken cancellation)
    {
        var info = await collections.FindAsync(collection, caller, cancellation);
        var model = items.Any(item => item.Copy?.Vector is not null)
            ? info.EmbeddingModel ?? (await served.RefreshAsync(ModelLimit, cancellation)).Identity
            : null;
        var embedded = new EmbeddedText[which.Count];
        var bare = new List<int>(which.Count);
        for (var n = 0; n < which.Count; n++)
        {
            if (items[which[n]].Copy is { Vector: { } vector } copy && copy.Model == model)
            {
                embedded[n] = new EmbeddedText(vector, model!, Truncated: false, null);
            }
            else
            {
                bare.Add(n);
            }
        }

        if (bare.Count > 0)
        {
            var made = await embedder.EmbedManyAsync(
                bare.ConvertAll(n => items[which[n]].Content), info.EmbeddingModel, info.Dimensions, caller, cancellation);
            for (var k = 0; k < made.Length; k++)
            {
                embedded[bare[k]] = made[k];
            }
        }

        return embedded;
    }

    /// <returns>The model, if any text has a vector.</returns>
    private async Task<string?> StoreAsync(
        string? collection, IReadOnlyList<LearnItem> items, List<int> valid, EmbeddedText[] embedded, LearnOutcome?[] outcomes, Caller caller)
    {
        var requests = new List<Proto.LearnRequest>(valid.Count);
        var places = new List<int>(valid.Count);
        string? model = null;
        for (var n = 0; n < valid.Count; n++)
        {
            if (embedded[n].Fault is { } fault)
            {
                outcomes[valid[n]] = LearnOutcome.Failed(new LearnItemError(fault.Retryable ? null : "content", fault.Code, fault.Message, fault.Retryable));
                continue;
            }

            requests.Add(ConceptMessages.ToRequest(items[valid[n]], embedded[n]));
            places.Add(n);
            model ??= embedded[n].Model;
        }

        if (requests.Count == 0)
        {
            return null;
        }

        var stored = await store.LearnManyAsync(requests, collection, caller);
        Debug.Assert(stored.Count == requests.Count, "an outcome for each");
        for (var k = 0; k < stored.Count; k++)
        {
            outcomes[valid[places[k]]] = stored[k].Error is { } error
                ? LearnOutcome.Failed(error)
                : new LearnOutcome(stored[k].ConceptId, stored[k].Created, embedded[places[k]].Truncated, null);
        }

        return model;
    }
}
