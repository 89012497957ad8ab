using System.Runtime.InteropServices;
using Sutra.Storage.Files;

namespace Sutra.Tests.Storage.Files;

/// <summary>
/// A disk in memory that knows what is durable: bytes count as kept after a flush of their file, names after a flush of their
/// folder. It can fail and write short on command, and <see cref="Crash"/> gives what a power cut would have left.
/// </summary>
internal sealed class SimulatedDisk : IFileSystem
{
    private readonly object _lock = new();
    private readonly HashSet<string> _locks = [];
    private readonly HashSet<string> _removed = [];
    private Dictionary<string, Inode> _names = [];
    private Dictionary<string, Inode> _durableNames = [];

    /// <summary>Called before each operation with its name and path; throws to make it fail.</summary>
    public Action<string, string>? Fault { get; set; }

    /// <summary>How many bytes of the next writes get to the file before they fail; null = all.</summary>
    public long? WritableBytes { get; set; }

    /// <summary>Writes that succeed may still be lost until a flush: this makes flushes claim success and do nothing.</summary>
    public bool FlushesLie { get; set; }

    public int Flushes { get; private set; }

    public void CreateFolder(string path)
    {
    }

    public IReadOnlyList<string> ListFiles(string folder)
    {
        lock (_lock)
        {
            return [.. _names.Keys.Where(path => Path.GetDirectoryName(path) == folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<string> ListFolders(string folder)
    {
        lock (_lock)
        {
            var within = folder.TrimEnd('/') + "/";
            return [.. _names.Keys.Where(path => path.StartsWith(within, StringComparison.Ordinal) && path.IndexOf('/', within.Length) > 0)
                .Select(path => path[within.Length..path.IndexOf('/', within.Length)])
                .Distinct()
                .Order(StringComparer.Ordinal)];
        }
    }

    public void DeleteFolder(string path) => Do("deletefolder", path, () =>
    {
        _removed.Add(path);
        foreach (var name in _names.Keys.Where(name => name.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
        {
            _names.Remove(name);
        }

        return true;
    });

    public IStorageFile Create(string path) => Do("create", path, () =>
    {
        var inode = new Inode();
        return _names.TryAdd(path, inode) ? new Handle(this, path, inode) : throw new IOException($"'{path}' exists.");
    });

    public IStorageFile Open(string path) => Do("open", path, () =>
        _names.TryGetValue(path, out var inode) ? new Handle(this, path, inode) : throw new FileNotFoundException(path, path));

    /// <summary>A copy of what is there now: files that are mapped do not change.</summary>
    public IMappedFile Map(string path) => Do("map", path, () =>
        _names.TryGetValue(path, out var inode) ? new Mapped(inode.Bytes) : throw new FileNotFoundException(path, path));

    public void Rename(string from, string to) => Do("rename", from, () =>
    {
        _names[to] = _names[from];
        return _names.Remove(from);
    });

    public void Delete(string path) => Do("delete", path, () => _names.Remove(path));

    public void FlushFolder(string path) => Do("flushfolder", path, () =>
    {
        foreach (var name in _durableNames.Keys.Where(name => Path.GetDirectoryName(name) == path).ToList())
        {
            _durableNames.Remove(name);
        }

        // With a folder's name all goes that was in it.
        foreach (var folder in _removed.Where(folder => Path.GetDirectoryName(folder) == path).ToList())
        {
            _removed.Remove(folder);
            foreach (var name in _durableNames.Keys.Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal) && !_names.ContainsKey(name)).ToList())
            {
                _durableNames.Remove(name);
            }
        }

        foreach (var (name, inode) in _names.Where(entry => Path.GetDirectoryName(entry.Key) == path))
        {
            _durableNames[name] = inode;
        }

        return true;
    });

    public IDisposable Lock(string path)
    {
        lock (_lock)
        {
            return _locks.Add(path) ? new Release(() => _locks.Remove(path)) : throw new FileLockedException(path);
        }
    }

    /// <summary>
    /// The disk after a power cut: every page of 512 bytes written since its file's last flush is there or is not, by chance, as
    /// are lengths and names.
    /// </summary>
    public SimulatedDisk Crash(Random random)
    {
        lock (_lock)
        {
            var after = new SimulatedDisk();
            var survivors = new Dictionary<Inode, Inode>();
            // A rename that was not flushed may have happened or not, but never leaves both names or none.
            foreach (var (name, inode) in random.Next(2) == 0 ? _names : _durableNames)
            {
                if (!survivors.TryGetValue(inode, out var survivor))
                {
                    survivors[inode] = survivor = inode.AfterCrash(random);
                }

                after._names[name] = survivor;
            }

            after._durableNames = new(after._names);
            return after;
        }
    }

    /// <summary>The disk after the process was killed: all that was written is there, flushed or not.</summary>
    public SimulatedDisk Kill()
    {
        lock (_lock)
        {
            var after = new SimulatedDisk();
            foreach (var (name, inode) in _names)
            {
                after._names[name] = Inode.Of(inode.Bytes);
            }

            after._durableNames = new(after._names);
            return after;
        }
    }

    public byte[] Read(string path)
    {
        lock (_lock)
        {
            return _names[path].Bytes.ToArray();
        }
    }

    /// <summary>Null when it is gone, be it since it was listed.</summary>
    public byte[]? ReadIfThere(string path)
    {
        lock (_lock)
        {
            return _names.TryGetValue(path, out var inode) ? inode.Bytes.ToArray() : null;
        }
    }

    public void Replace(string path, byte[] bytes)
    {
        lock (_lock)
        {
            _names[path] = _durableNames[path] = Inode.Of(bytes);
        }
    }

    private T Do<T>(string operation, string path, Func<T> action)
    {
        lock (_lock)
        {
            Fault?.Invoke(operation, path);
            return action();
        }
    }

    private sealed unsafe class Mapped : IMappedFile
    {
        public Mapped(ReadOnlySpan<byte> bytes)
        {
            Address = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes.Length, 1), 4096);
            Length = bytes.Length;
            bytes.CopyTo(new Span<byte>(Address, bytes.Length));
        }

        public byte* Address { get; }

        public long Length { get; }

        public void Dispose() => NativeMemory.AlignedFree(Address);
    }

    private sealed class Release(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    /// <summary>Bytes as they are, and what is needed to tell what they were at the last flush: the old pages that changed since.</summary>
    private sealed class Inode
    {
        private const int Page = 512;

        private readonly Dictionary<int, byte[]> _flushedPages = [];
        private byte[] _bytes = [];
        private int _flushedLength;

        public int Length { get; private set; }

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

        public static Inode Of(ReadOnlySpan<byte> bytes)
        {
            var inode = new Inode();
            inode.Write(bytes, 0);
            inode.Flush();
            return inode;
        }

        public void Write(ReadOnlySpan<byte> data, int offset)
        {
            Remember(offset, offset + data.Length);
            if (_bytes.Length < offset + data.Length)
            {
                Array.Resize(ref _bytes, Math.Max(offset + data.Length, _bytes.Length * 2));
            }

            data.CopyTo(_bytes.AsSpan(offset));
            Length = Math.Max(Length, offset + data.Length);
        }

        public void Truncate(int length)
        {
            Remember(length, Length);
            _bytes.AsSpan(length, Length - length).Clear();
            Length = length;
        }

        public void Flush()
        {
            _flushedPages.Clear();
            _flushedLength = Length;
        }

        public Inode AfterCrash(Random random)
        {
            var result = new byte[random.Next(Math.Min(_flushedLength, Length), Math.Max(_flushedLength, Length) + 1)];
            for (var start = 0; start < result.Length; start += Page)
            {
                var target = result.AsSpan(start, Math.Min(Page, result.Length - start));
                var changed = _flushedPages.TryGetValue(start / Page, out var before);
                var now = Bytes[Math.Min(start, Length)..Math.Min(start + target.Length, Length)];
                if (changed && random.Next(2) == 0)
                {
                    before.AsSpan(0, Math.Min(before!.Length, target.Length)).CopyTo(target);
                }
                else if (changed || start + target.Length <= _flushedLength || random.Next(2) == 0)
                {
                    now.CopyTo(target);
                }
                else if (start < _flushedLength)
                {
                    now[..Math.Min(now.Length, _flushedLength - start)].CopyTo(target);
                }
            }

            return Of(result);
        }

        private void Remember(int start, int end)
        {
            for (var page = start / Page; page * Page < Math.Min(end, _flushedLength); page++)
            {
                var from = page * Page;
                _flushedPages.TryAdd(page, _bytes[from..Math.Min(from + Page, _flushedLength)]);
            }
        }
    }

    private sealed class Handle(SimulatedDisk disk, string path, Inode inode) : IStorageFile
    {
        public string Path => path;

        public long Length => disk.Do("length", path, () => inode.Length);

        public int Read(Span<byte> buffer, long offset)
        {
            lock (disk._lock)
            {
                var count = (int)Math.Clamp(inode.Length - offset, 0, buffer.Length);
                inode.Bytes.Slice((int)Math.Min(offset, inode.Length), count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> data, long offset)
        {
            lock (disk._lock)
            {
                disk.Fault?.Invoke("write", path);
                var allowed = (int)Math.Min(data.Length, disk.WritableBytes ?? long.MaxValue);
                inode.Write(data[..allowed], (int)offset);
                if (disk.WritableBytes is { } left)
                {
                    disk.WritableBytes = left - allowed;
                    if (allowed < data.Length)
                    {
                        throw new IOException("No space left on device");
                    }
                }
            }
        }

        public void Flush() => disk.Do("flush", path, () =>
        {
            if (!disk.FlushesLie)
            {
                inode.Flush();
            }

            return disk.Flushes++;
        });

        public void Truncate(long length) => disk.Do("truncate", path, () =>
        {
            inode.Truncate((int)length);
            return true;
        });

        public void Dispose()
        {
        }
    }
}
