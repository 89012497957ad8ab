using Sutra.Storage.Engine;
using Sutra.Storage.Filtering;

namespace Sutra.Storage.Collections;

public sealed partial class CollectionStore
{
    /// <summary>
    /// Deletes, in each collection that says so, what was learned longer ago than its time to live, or than the rule says that its metadata fit. A
    /// collection where that fails is logged, and does not hold up the others.
    /// </summary>
    /// <returns>How many concepts that were.</returns>
    public async Task<long> ExpireAsync(CancellationToken cancellation = default)
    {
        var deleted = 0L;
        foreach (var id in _catalog.Collections.Select(entry => entry.Id).ToList())
        {
            cancellation.ThrowIfCancellationRequested();

            // Those before it may have taken long: what it says now counts, and another of its name is another.
            var settings = FindEntry(id)?.Settings;
            if (settings is null || (settings.TimeToLive is null && settings.Expiry.Count == 0) || Find(id) is not { } engine)
            {
                continue;
            }

            try
            {
                deleted += await ExpireAsync(engine, settings, cancellation).ConfigureAwait(false);
            }
            catch (CollectionMovingException)
            {
                // Another body is about to take its place; it is looked at in a minute.
            }
            catch (Exception e) when (!(e is OperationCanceledException && cancellation.IsCancellationRequested))
            {
                // One that was deleted meanwhile has nothing left to remove.
                if (FindEntry(id) is { } still)
                {
                    ExpiryLog.Failed(_logger, still.Name, e);
                }
            }
        }

        return deleted;
    }

    private async Task<long> ExpireAsync(ConceptEngine engine, CollectionSettings settings, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var deleted = settings.TimeToLive is { } live ? await engine.ExpireAsync(now - live, cancellation: cancellation).ConfigureAwait(false) : 0;
        foreach (var rule in settings.Expiry)
        {
            // A key that begins with the sign of the concept's own fields is told from them by another.
            var field = rule.Key.StartsWith('$') ? "$" + rule.Key : rule.Key;
            deleted += await engine.ExpireAsync(now - rule.After, Filter.Equal(field, rule.Value), cancellation).ConfigureAwait(false);
        }

        return deleted;
    }

    private CatalogEntry? FindEntry(Guid id) => _catalog.Collections.FirstOrDefault(entry => entry.Id == id);

    private static partial class ExpiryLog
    {
        [LoggerMessage(313, LogLevel.Warning, "Concepts at the end of their time could not be removed from collection {Collection}; tried again in a minute")]
        public static partial void Failed(ILogger logger, string collection, Exception cause);
    }
}
