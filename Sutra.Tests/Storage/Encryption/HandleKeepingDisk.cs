using Sutra.Storage.Files;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Shows the bytes behind a handle after its file has lost its name.</summary>
internal sealed class HandleKeepingDisk : IFileSystem
{
    private readonly List<IStorageFile> _handles = [];

    public SimulatedDisk Disk { get; } = new();

    public List<byte[]> Opened => [.. _handles.Select(handle =>
    {
        var bytes = new byte[handle.Length];
        handle.Read(bytes, 0);
        return bytes;
    })];

    public void CreateFolder(string path) => Disk.CreateFolder(path);

    public IReadOnlyList<string> ListFiles(string folder) => Disk.ListFiles(folder);

    public IReadOnlyList<string> ListFolders(string folder) => Disk.ListFolders(folder);

    public IStorageFile Create(string path) => Disk.Create(path);

    public IStorageFile Open(string path)
    {
        var handle = Disk.Open(path);
        _handles.Add(handle);
        return handle;
    }

    public IMappedFile Map(string path) => Disk.Map(path);

    public void Rename(string from, string to) => Disk.Rename(from, to);

    public void Delete(string path) => Disk.Delete(path);

    public void DeleteFolder(string path) => Disk.DeleteFolder(path);

    public void FlushFolder(string path) => Disk.FlushFolder(path);

    public IDisposable Lock(string path) => Disk.Lock(path);
}
