namespace Sutra.Storage.Files;

/// <summary>
/// All that the engine asks of a disk. Everything durable goes through here, so that tests can put a disk under the
/// engine that writes short, fails a flush or loses what was not flushed.
/// </summary>
public interface IFileSystem
{
    /// <summary>Makes the folder and its missing parents, each durably named by its own parent.</summary>
    void CreateFolder(string path);

    /// <summary>The names (not paths) of the files in a folder, in ordinal order.</summary>
    IReadOnlyList<string> ListFiles(string folder);

    /// <summary>The names of the folders in a folder, in ordinal order.</summary>
    IReadOnlyList<string> ListFolders(string folder);

    /// <summary>A new, empty file; <see cref="IOException"/> when there is one. Its name is durable after <see cref="FlushFolder"/>.</summary>
    IStorageFile Create(string path);

    /// <summary>An existing file, for reading and writing.</summary>
    IStorageFile Open(string path);

    /// <summary>An existing file's bytes as memory.</summary>
    IMappedFile Map(string path);

    /// <summary>Gives a file another name, atomically taking the place of one that had it. Durable after <see cref="FlushFolder"/>.</summary>
    void Rename(string from, string to);

    void Delete(string path);

    /// <summary>Removes a folder and all in it; nothing when it is not there. After a power cut some of it may be back.</summary>
    void DeleteFolder(string path);

    /// <summary>Flushes a folder's names to the disk: without it a created or renamed file can be gone after a power cut.</summary>
    void FlushFolder(string path);

    /// <summary>
    /// Takes a lock that ends when disposed or with the process, however it ends. <see cref="FileLockedException"/> when
    /// somebody has it.
    /// </summary>
    IDisposable Lock(string path);
}
