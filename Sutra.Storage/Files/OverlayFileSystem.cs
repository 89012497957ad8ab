namespace Sutra.Storage.Files;

/// <summary>
/// Files that can be read as they are, and changed without changing them: every change stays in memory and is gone with this object. What
/// is underneath is given locks, and otherwise read only.
/// </summary>
internal sealed class OverlayFileSystem(IFileSystem files) : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    // Of every file that was opened, made, or removed, which is null.
    private readonly Dictionary<string, OverlayContents?> _contents = new(StringComparer.Ordinal);

    public void CreateFolder(string path)
    {
        lock (_lock)
        {
            _folders.Add(path);
        }
    }

    public IReadOnlyList<string> ListFiles(string folder)
    {
        lock (_lock)
        {
            var names = List(folder, files.ListFiles).Where(name => !_contents.TryGetValue(Path.Combine(folder, name), out var contents) || contents is not null);
            var here = _contents.Where(entry => entry.Value is not null && Path.GetDirectoryName(entry.Key) == folder).Select(entry => Path.GetFileName(entry.Key));
            return [.. names.Union(here).Order(StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<string> ListFolders(string folder)
    {
        lock (_lock)
        {
            var here = _folders.Where(path => Path.GetDirectoryName(path) == folder).Select(path => Path.GetFileName(path)!);
            return [.. List(folder, files.ListFolders).Union(here).Order(StringComparer.Ordinal)];
        }
    }

    public IStorageFile Create(string path)
    {
        lock (_lock)
        {
            if (ListFiles(Path.GetDirectoryName(path)!).Contains(Path.GetFileName(path), StringComparer.Ordinal))
            {
                throw new IOException($"'{path}' exists.");
            }

            _contents[path] = new OverlayContents(origin: null);
            return new OverlayFile(path, _contents[path]!, beneath: null);
        }
    }

    public IStorageFile Open(string path)
    {
        lock (_lock)
        {
            var contents = ContentsOf(path);
            var file = new OverlayFile(path, contents, contents.Origin is { } origin ? files.Open(origin) : null);
            _contents[path] = contents;
            return file;
        }
    }

    /// <summary>Of a file that was not changed: the engine maps no other.</summary>
    public IMappedFile Map(string path)
    {
        lock (_lock)
        {
            var contents = ContentsOf(path);
            return contents.Origin is { } origin && !contents.IsChanged ? files.Map(origin) : throw new IOException($"'{path}' was changed in memory, and cannot be mapped.");
        }
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            _contents[to] = ContentsOf(from);
            _contents[from] = null;
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            _contents[path] = null;
        }
    }

    /// <summary>Refused: who only looks removes no collection.</summary>
    public void DeleteFolder(string path) => throw new IOException($"'{path}' cannot be removed: it is only looked at.");

    public void FlushFolder(string path)
    {
    }

    public IDisposable Lock(string path) => files.Lock(path);

    private OverlayContents ContentsOf(string path) => !_contents.TryGetValue(path, out var contents)
        ? new OverlayContents(path)
        : contents ?? throw new FileNotFoundException(path, path);

    private IEnumerable<string> List(string folder, Func<string, IReadOnlyList<string>> list)
    {
        try
        {
            return list(folder);
        }
        catch (DirectoryNotFoundException) when (_folders.Contains(folder))
        {
            return [];
        }
    }
}
