using Sutra.Storage.Encryption;
using Sutra.Storage.Files;

namespace Sutra.Storage.Collections;

/// <summary>The key ring of a data folder, when something is sealed or is to be.</summary>
internal static class RingOpener
{
    private const string Folder = "keys";

    /// <param name="isSealed">Something was sealed: the ring must be there.</param>
    /// <returns>Null when nothing is sealed and nothing is to be; in a quiet start also when the ring is only to come.</returns>
    public static KeyRing? Open(IFileSystem files, string root, CollectionStoreOptions options, bool isSealed, ILogger logger)
    {
        var folder = Path.Combine(root, Folder);
        var quiet = options.Engine.Quiet;
        if ((quiet || options.Mode == EncryptionMode.Off) && !isSealed && !KeyRing.Exists(files, folder))
        {
            return null;
        }

        using var masters = options.MasterKeys();
        var ring = KeyRing.Open(files, folder, masters, mayCreate: !isSealed && !quiet, logger);
        try
        {
            if (ring.NeedsRotation && !quiet)
            {
                ring.RotateMaster(masters);
            }
        }
        catch
        {
            ring.Dispose();
            throw;
        }

        return ring;
    }
}
