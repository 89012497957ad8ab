using Sutra.Storage.Encryption;

namespace Sutra.Storage.Collections;

/// <summary>Removes what collections that are gone, or never came, have left: keys and folders.</summary>
internal sealed partial class Leftovers(CollectionFolders folders, KeyRing? ring, ILogger logger)
{
    /// <summary>Keys first: what files remain after a failure is noise. What fails is logged, and the rest done all the same.</summary>
    /// <returns>Nothing is left; otherwise calling again is right.</returns>
    public bool Remove(Guid id)
    {
        var keys = Try(id, () => ring?.DestroyCollection(CollectionFolders.Named(id)));
        var files = Try(id, () => folders.Delete(id));
        return keys && files;
    }

    /// <summary>Does a step of it.</summary>
    /// <returns>False: it failed, and that is logged.</returns>
    public bool Try(Guid id, Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (Exception e)
        {
            Log.Failed(logger, id, e);
            return false;
        }
    }

    /// <summary>Folders of collections that the catalog does not know. They are somebody's data, perhaps: an older catalog was put back.</summary>
    public IReadOnlyList<Guid> FindUnknown(Catalog catalog)
    {
        var known = catalog.Collections.Select(entry => entry.Id).Concat(catalog.Leaving).Concat(catalog.Coming).ToHashSet();
        var unknown = folders.List().Where(id => !known.Contains(id)).ToList();
        foreach (var id in unknown)
        {
            Log.Unknown(logger, folders.Of(id));
        }

        return unknown;
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Warning, "Not all that collection {Id} leaves could be removed; the next start goes on with it")]
        public static partial void Failed(ILogger logger, Guid id, Exception cause);

        [LoggerMessage(311, LogLevel.Warning, "'{Folder}' is of a collection that the catalog does not know; it is left as it is")]
        public static partial void Unknown(ILogger logger, string folder);
    }
}
