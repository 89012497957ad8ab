using System.Globalization;
using Grpc.Core;
using Sutra.Api.Clients;
using Sutra.Api.Collections;
using Sutra.Api.Embeddings;
using Sutra.Api.Identity;
using Sutra.Contracts.Storage.V1;

namespace Sutra.Api.Reembedding;

/// <summary>Learns concepts as they are, under their ids and times, with vectors of another model.</summary>
internal sealed class ConceptCopier(EmbedderClient embedder, CollectionStoreClient store, TimeProvider time)
{
    private const int Attempts = 4;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    /// <exception cref="ComponentException">Some were not learned; all can be copied again.</exception>
    /// <exception cref="CannotCopyException">Some cannot be.</exception>
    public async Task CopyAsync(Collection target, IReadOnlyList<Concept> concepts, Func<Caller> caller, CancellationToken cancellation)
    {
        if (concepts.Count == 0)
        {
            return;
        }

        var embeddings = await EmbedAsync(target.Settings.Model, concepts, caller, cancellation);
        var requests = concepts.Select((concept, i) => Request(target.Settings.Model, concept, embeddings[i])).ToList();
        await LearnAsync(target.Name, requests, caller, cancellation);
    }

    /// <summary>What is not there needs no deleting.</summary>
    public async Task DeleteAsync(string collection, IEnumerable<string> ids, Func<Caller> caller, CancellationToken cancellation)
    {
        foreach (var id in ids)
        {
            try
            {
                await store.DeleteConceptAsync(new DeleteConceptRequest { Id = id, Collection = collection }, caller(), cancellation);
            }
            catch (ComponentException e) when (e.StatusCode == StatusCode.NotFound)
            {
                await store.GetAsync(collection, caller(), cancellation);
            }
        }
    }

    private async Task LearnAsync(string collection, List<LearnRequest> requests, Func<Caller> caller, CancellationToken cancellation)
    {
        for (var attempt = 1; requests.Count > 0; attempt++)
        {
            var outcomes = (await store.LearnManyAsync(new LearnManyRequest { Collection = collection, Concepts = { requests } }, caller(), cancellation)).Outcomes;
            var refused = requests.Where((_, i) => outcomes[i].Error.Length > 0).ToList();
            if (refused.Count > 0 && attempt == Attempts)
            {
                throw new CannotCopyException($"The storage does not take {refused.Count} concepts: {outcomes.First(outcome => outcome.Error.Length > 0).Field}.");
            }

            // A content that goes from one concept to another is refused while the one still has it: both are made anew.
            var taken = requests.Where((_, i) => outcomes[i].Field == "content").Select(request => request.Id).ToList();
            await DeleteAsync(collection, taken, caller, cancellation);
            if (outcomes.Any(outcome => outcome.Retryable))
            {
                await Task.Delay(s_pause, time, cancellation);
            }

            requests = refused;
        }
    }

    private async Task<EmbeddedText[]> EmbedAsync(string model, IReadOnlyList<Concept> concepts, Func<Caller> caller, CancellationToken cancellation)
    {
        var texts = concepts.Select(concept => concept.Content).ToList();
        for (var attempt = 1; ; attempt++)
        {
            var embedded = await embedder.EmbedManyAsync(texts, model, caller(), cancellation);
            var faults = embedded.Where(text => text.Fault is not null).Select(text => text.Fault!).ToList();
            if (faults.Count == 0)
            {
                return embedded;
            }

            if (attempt == Attempts || faults.Exists(fault => !fault.Retryable))
            {
                throw new CannotCopyException(string.Create(CultureInfo.InvariantCulture, $"The model does not embed {faults.Count} concepts: {faults[0].Code}."));
            }

            await Task.Delay(s_pause, time, cancellation);
        }
    }

    private static LearnRequest Request(string model, Concept concept, EmbeddedText embedding) => new()
    {
        Id = concept.Id,
        Restore = true,
        LearnedAt = concept.LearnedAt,
        Content = concept.Content,
        Model = model,
        Owner = concept.Owner,
        Metadata = { concept.Metadata },
        Associations = { concept.Associations },
        Embedding = { embedding.Vector! },
    };
}

/// <summary>Trying again will not help. The message is for people, and repeats no text.</summary>
internal sealed class CannotCopyException(string message) : Exception(message);
