using System.Globalization;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;

namespace Sutra.Storage.Engine;

public sealed partial class ConceptEngine
{
    private const int DeletesAtOnce = 256;

    /// <summary>
    /// Erases a data subject: deletes all concepts of the owner, durably, and destroys the key that sealed them, so that log, segments and every copy of
    /// them hold noise in their place. Segments that hold anything derived from them are written anew in the background. The owner may
    /// learn again afterwards, under another key. Cut off in the middle, some are deleted; calling again is right.
    /// </summary>
    /// <returns>How many concepts there were.</returns>
    /// <exception cref="InvalidConceptException">It is no owner's name.</exception>
    /// <exception cref="OwnerErasedException">Somebody else is erasing the same owner.</exception>
    /// <inheritdoc cref="LearnAsync" path="/exception"/>
    public async Task<long> EraseAsync(string owner, CancellationToken cancellation = default)
    {
        ConceptChecks.Owner(owner);
        var mine = false;
        CollectionMovingException? moving = null;
        await ChangeAsync(() =>
        {
            moving = _state.Moving;
            if (moving is null)
            {
                mine = _state.BeginErasing(owner);
                _state.Notes?.AddErased(owner);
            }
        }).ConfigureAwait(false);
        if (moving is not null)
        {
            throw moving;
        }

        if (!mine)
        {
            throw new OwnerErasedException();
        }

        try
        {
            // Nothing comes to them any more, and what was on its way is there.
            var deleted = 0L;
            foreach (var batch in Ids(Filter.Equal("$owner", owner)).Chunk(DeletesAtOnce))
            {
                deleted += Count(await Task.WhenAll(batch.Select(id => RemoveAsync(new PendingDelete(_state, id, Now(id)) { ErasedOwner = owner }, cancellation))).ConfigureAwait(false));
            }

            _seal.Erase(owner);
            return deleted;
        }
        finally
        {
            await ChangeAsync(() => _state.EndErasing(owner)).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes what was learned before a time, and not again since; durable when it returns.</summary>
    /// <param name="only">Of which only; null for all.</param>
    /// <returns>How many concepts that were.</returns>
    /// <inheritdoc cref="LearnAsync" path="/exception"/>
    public async Task<long> ExpireAsync(DateTimeOffset before, Filter? only = null, CancellationToken cancellation = default)
    {
        var deleted = 0L;
        Filter filter = new RangeFilter("$learned_at") { Lt = before.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) };
        if (only is not null)
        {
            filter = Filter.And(filter, only);
        }

        foreach (var batch in Ids(filter).Chunk(DeletesAtOnce))
        {
            deleted += Count(await Task.WhenAll(batch.Select(id => RemoveAsync(new PendingDelete(_state, id, Now(id)) { LearnedBefore = before }, cancellation))).ConfigureAwait(false));
        }

        return deleted;
    }

    // All of them before the first is deleted: what is enumerated keeps its files.
    private List<ConceptId> Ids(Filter filter) => [.. Scan(filter).Select(concept => concept.Id)];

    private byte[] Now(ConceptId id) => ConceptRecord.WriteDelete(id, _time.GetUtcNow());

    private static long Count(bool[] done) => done.LongCount(was => was);

    private async Task<bool> RemoveAsync(PendingDelete change, CancellationToken cancellation)
    {
        await _log.EnqueueAsync(change, cancellation).ConfigureAwait(false);
        return await change.Done.ConfigureAwait(false);
    }

    private async Task ChangeAsync(Action change)
    {
        var pending = new PendingInstall(change);
        await _log.EnqueueAsync(pending, CancellationToken.None).ConfigureAwait(false);
        await pending.Done.ConfigureAwait(false);
    }
}
