using Sutra.Storage.Encryption;

namespace Sutra.Storage.Collections;

// What a start does before it opens the collections.
public sealed partial class CollectionStore
{
    // From now on a catalog that is missing, or a key ring, is a lost one.
    private void Settle(bool isNew)
    {
        var seals = _options.Mode != EncryptionMode.Off;
        if (isNew || (seals && !_catalog.IsSealed))
        {
            Save(_catalog with { IsSealed = _catalog.IsSealed || seals });
        }

        if (_catalog.IsSealed && !seals)
        {
            StartLog.InTheClear(_logger);
        }
    }

    // What a deletion or a creation that was cut off left.
    private void RemoveLeftovers()
    {
        var gone = _catalog.Leaving.Concat(_catalog.Coming).Where(_leftovers.Remove).ToList();
        if (gone.Count > 0)
        {
            Forget(gone);
        }
    }

    private static partial class StartLog
    {
        [LoggerMessage(312, LogLevel.Warning, "Storage:Encryption:Mode is off, and sealed concepts are stored: they stay readable, and everything new is written in the clear")]
        public static partial void InTheClear(ILogger logger);
    }
}
