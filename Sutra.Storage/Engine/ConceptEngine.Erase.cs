using Sutra.Storage.Concepts;

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
        await ChangeAsync(() => mine = _state.BeginErasing(owner)).ConfigureAwait(false);
        if (!mine)
        {
            throw new OwnerErasedException();
        }

        try
        {
            // Nothing comes to them any more, and what was on its way is there.
            var deleted = 0L;
            foreach (var batch in Owned(owner).Chunk(DeletesAtOnce))
            {
                var done = await Task.WhenAll(batch.Select(id => DeleteAsync(id, erase: true, cancellation))).ConfigureAwait(false);
                deleted += done.LongCount(was => was);
            }

            _seal.Erase(owner);
            return deleted;
        }
        finally
        {
            await ChangeAsync(() => _state.EndErasing(owner)).ConfigureAwait(false);
        }
    }

    private List<ConceptId> Owned(string owner) =>
        [.. Scan().Where(concept => ConceptRecord.Owner(concept.Payload.Span) == owner).Select(concept => concept.Id)];

    private async Task ChangeAsync(Action change)
    {
        var pending = new PendingInstall(change);
        await _log.EnqueueAsync(pending, CancellationToken.None).ConfigureAwait(false);
        await pending.Done.ConfigureAwait(false);
    }
}
