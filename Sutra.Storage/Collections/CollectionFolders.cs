using Sutra.Storage.Engine;
using Sutra.Storage.Files;

namespace Sutra.Storage.Collections;

/// <summary>Where each collection but the default one lies: a folder named by its id, under <c>collections</c> in the data folder.</summary>
internal sealed class CollectionFolders(IFileSystem files, string root)
{
    private const string Parent = "collections";

    private string All => Path.Combine(root, Parent);

    /// <summary>A collection's name wherever one is never to be mistaken for another: in its folder's name and its keys.</summary>
    public static string Named(Guid id) => id == Guid.Empty ? Catalog.Default : id.ToString("N");

    public string Of(Guid id) => Path.Combine(All, Named(id));

    public void MakeParent() => files.CreateFolder(All);

    /// <summary>The collections that have a folder. What has no id for a name is none.</summary>
    public IReadOnlyList<Guid> List() => files.ListFolders(root).Contains(Parent, StringComparer.Ordinal)
        ? [.. files.ListFolders(All).Where(name => Guid.TryParseExact(name, "N", out _)).Select(name => Guid.ParseExact(name, "N"))]
        : [];

    /// <summary>Gone, durably, when it returns; nothing when it is not there.</summary>
    public void Delete(Guid id)
    {
        if (id == Guid.Empty)
        {
            // The default collection's first body: what engines make, and nothing else of the data folder.
            foreach (var folder in ConceptEngine.Folders)
            {
                files.DeleteFolder(Path.Combine(root, folder));
            }

            files.FlushFolder(root);
            return;
        }

        files.DeleteFolder(Of(id));
        files.FlushFolder(All);
    }
}
