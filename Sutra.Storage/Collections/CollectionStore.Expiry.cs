namespace Sutra.Storage.Collections;

public sealed partial class CollectionStore
{
    /// <summary>
    /// Deletes, in each collection that says so, what was learned longer ago than its time to live. A collection where that fails
    /// is logged, and does not hold up the others.
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
            if (settings?.TimeToLive is not { } live || Find(id) is not { } engine)
            {
                continue;
            }

            try
            {
                deleted += await engine.ExpireAsync(_time.GetUtcNow() - live, cancellation).ConfigureAwait(false);
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

    private CatalogEntry? FindEntry(Guid id) => _catalog.Collections.FirstOrDefault(entry => entry.Id == id);

    private static partial class ExpiryLog
    {
        [LoggerMessage(313, LogLevel.Warning, "Concepts at the end of their time could not be removed from collection {Collection}; tried again in a minute")]
        public static partial void Failed(ILogger logger, string collection, Exception cause);
    }
}
