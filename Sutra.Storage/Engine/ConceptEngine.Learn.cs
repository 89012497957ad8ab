using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;

namespace Sutra.Storage.Engine;

// What is learned.
public sealed partial class ConceptEngine
{
    /// <summary>Concepts of one <see cref="LearnManyAsync"/>.</summary>
    public const int MostAtOnce = 1024;

    /// <summary>
    /// Durable and searchable when it returns. The same content again replaces the record under the same id; with
    /// <see cref="NewConcept.Id"/> what has that id is replaced. Cancellation counts until the record is on its way to the disk; after a
    /// <see cref="Log.LogUnavailableException"/> it may be there or not.
    /// </summary>
    /// <exception cref="InvalidConceptException">A limit is broken; nothing was written.</exception>
    /// <exception cref="Log.LogUnavailableException">Writes are not taken (any more).</exception>
    /// <exception cref="OwnerErasedException">The owner's concepts are being erased.</exception>
    /// <exception cref="KeyRingUnavailableException">A key is to be made, and the key ring takes no changes.</exception>
    /// <exception cref="ConceptNotFoundException">There is no concept with the id that is to be replaced.</exception>
    /// <exception cref="ContentExistsException">Another concept than that has the content.</exception>
    public async Task<LearnResult> LearnAsync(NewConcept concept, CancellationToken cancellation = default)
    {
        Check(concept);
        var change = Encode(concept, batch: null);
        if (!LooksRefused(concept))
        {
            _seal.Prepare(concept.Owner);
        }

        await _state.WaitForRoomAsync(cancellation).ConfigureAwait(false);
        await _log.EnqueueAsync(change, cancellation).ConfigureAwait(false);
        return await change.Done.ConfigureAwait(false);
    }

    /// <summary>
    /// As <see cref="LearnAsync"/>, many in one group of the log: one flush for all. What is wrong with one is its own outcome, the others are learned; of two with
    /// the same content the later one replaces the other.
    /// </summary>
    /// <param name="concepts">1 to <see cref="MostAtOnce"/>.</param>
    /// <returns>In the order of <paramref name="concepts"/>; refused are those for which <see cref="LearnAsync"/> would throw.</returns>
    /// <exception cref="InvalidConceptException">They are too many, or none.</exception>
    /// <exception cref="Log.LogUnavailableException">Writes are not taken (any more): of all of them.</exception>
    /// <exception cref="CollectionMovingException">The collection is moving: of all of them.</exception>
    public async Task<IReadOnlyList<LearnOutcome>> LearnManyAsync(IReadOnlyList<NewConcept> concepts, CancellationToken cancellation = default)
    {
        if (concepts.Count is < 1 or > MostAtOnce)
        {
            throw new InvalidConceptException("concepts", $"must be 1 to {MostAtOnce}");
        }

        var outcomes = new LearnOutcome[concepts.Count];
        var valid = new List<int>(concepts.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            try
            {
                Check(concepts[i]);
                valid.Add(i);
            }
            catch (InvalidConceptException e)
            {
                outcomes[i] = new LearnOutcome(default, e);
            }
        }

        if (valid.Count > 0)
        {
            var batch = new PendingBatch(valid.Count);
            var changes = valid.ConvertAll(i => Encode(concepts[i], batch));
            PrepareKeys(valid.Where(i => !LooksRefused(concepts[i])).Select(i => concepts[i].Owner));
            await _state.WaitForRoomAsync(cancellation).ConfigureAwait(false);
            await _log.EnqueueAsync(changes, cancellation).ConfigureAwait(false);
            await batch.Done.ConfigureAwait(false);

            // All of them, as they are one group: to be learned where the collection is then.
            if (changes.Find(change => change.Refusal is CollectionMovingException) is { Refusal: { } moving })
            {
                throw moving;
            }

            for (var i = 0; i < valid.Count; i++)
            {
                outcomes[valid[i]] = new LearnOutcome(changes[i].Result, changes[i].Refusal);
            }
        }

        return outcomes;
    }

    private PendingLearn Encode(NewConcept concept, PendingBatch? batch)
    {
        var payload = ConceptRecord.WriteLearn(concept, concept.LearnedAt ?? _time.GetUtcNow());
        return new PendingLearn(_state, payload, _identity.Key(ConceptRecord.ContentBytes(payload)), concept, _seal, batch);
    }

    // Then no key is made for it before its turn comes, and none at all if it is refused indeed.
    private bool LooksRefused(NewConcept concept) => !_seal.HasKey(concept.Owner) && _state.LooksRefused(concept);

    private void PrepareKeys(IEnumerable<string> owners)
    {
        try
        {
            _seal.Prepare([.. owners]);
        }
        catch (KeyRingException)
        {
            // Those whose key it is are told by their own outcome.
        }
    }

    private void Check(NewConcept concept)
    {
        ConceptChecks.Check(concept);
        CheckModel(concept.Model, concept.Embedding.Length);
    }

    private void CheckModel(string model, int dimension)
    {
        if (_model.Length > 0 && model != _model)
        {
            throw new InvalidConceptException("model", "must be the collection's");
        }

        if (_dimension > 0 && dimension != _dimension)
        {
            throw new InvalidConceptException("embedding", "must have the collection's dimension");
        }
    }
}
