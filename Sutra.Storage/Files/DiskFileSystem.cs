using System.Globalization;
using System.Text;

namespace Sutra.Storage.Files;

/// <summary>The operating system's files.</summary>
public sealed class DiskFileSystem : IFileSystem
{
    public void CreateFolder(string path)
    {
        var folder = Path.GetFullPath(path);
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
        {
            CreateFolder(parent);
        }

        // What people told the memory is nobody else's on this machine.
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (parent is not null)
        {
            FlushFolder(parent);
        }
    }

    public IReadOnlyList<string> ListFiles(string folder)
    {
        var names = Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public IReadOnlyList<string> ListFolders(string folder)
    {
        var names = Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public IStorageFile Create(string path) => new DiskFile(path, FileMode.CreateNew);

    public IStorageFile Open(string path) => new DiskFile(path, FileMode.Open);

    public IMappedFile Map(string path) => new DiskMappedFile(path);

    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    public void FlushFolder(string path) => FolderFlush.Flush(path);

    public IDisposable Lock(string path)
    {
        try
        {
            // On Unix this is flock(LOCK_EX): the kernel lets go of it when the process ends, kill -9 included.
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return file;
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && File.Exists(path))
        {
            throw new FileLockedException($"'{path}' is locked: another process is using this data.", e);
        }
    }
}
