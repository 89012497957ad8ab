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

    public IStorageFile Create(string path) => Do("create", path, () =>
    {
        var inode = new Inode();
        return _names.TryAdd(path, inode) ? new Handle(this, path, inode) : throw new IOException($"'{path}' exists.");
    });

    public IStorageFile Open(string path) => Do("open", path, () =>
        _names.TryGetValue(path, out var inode) ? new Handle(this, path, inode) : throw new FileNotFoundException(path));

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
                after._names[name] = inode.Copy();
            }

            after._durableNames = new(after._names);
            return after;
        }
    }

    public byte[] Read(string path)
    {
        lock (_lock)
        {
            return [.. _names[path].Bytes];
        }
    }

    public void Replace(string path, byte[] bytes)
    {
        lock (_lock)
        {
            _names[path] = _durableNames[path] = new Inode { Bytes = [.. bytes], Durable = [.. bytes] };
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

    private sealed class Release(Action action) : IDisposable
    {
        public void Dispose() => action();
    }

    private sealed class Inode
    {
        private const int Page = 512;

        public byte[] Bytes { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public Inode Copy() => new() { Bytes = [.. Bytes], Durable = [.. Bytes] };

        public Inode AfterCrash(Random random)
        {
            var length = Durable.Length == Bytes.Length ? Bytes.Length : random.Next(Math.Min(Durable.Length, Bytes.Length), Math.Max(Durable.Length, Bytes.Length) + 1);
            var result = new byte[length];
            for (var page = 0; page < length; page += Page)
            {
                var source = random.Next(2) == 0 ? Bytes : Durable;
                var count = Math.Min(Math.Min(Page, length - page), source.Length - page);
                if (count > 0)
                {
                    source.AsSpan(page, count).CopyTo(result.AsSpan(page));
                }

                // What both agree on is there in any case; a short source only lacks what was appended.
                var agreed = Math.Min(Math.Min(Durable.Length, length) - page, Page);
                if (count < agreed)
                {
                    Durable.AsSpan(page, agreed).CopyTo(result.AsSpan(page));
                }
            }

            return new Inode { Bytes = result, Durable = [.. result] };
        }
    }

    private sealed class Handle(SimulatedDisk disk, string path, Inode inode) : IStorageFile
    {
        public string Path => path;

        public long Length => disk.Do("length", path, () => inode.Bytes.Length);

        public int Read(Span<byte> buffer, long offset)
        {
            lock (disk._lock)
            {
                var count = (int)Math.Clamp(inode.Bytes.Length - offset, 0, buffer.Length);
                inode.Bytes.AsSpan((int)Math.Min(offset, inode.Bytes.Length), count).CopyTo(buffer);
                return count;
            }
        }

        public void Write(ReadOnlySpan<byte> data, long offset)
        {
            lock (disk._lock)
            {
                disk.Fault?.Invoke("write", path);
                var allowed = (int)Math.Min(data.Length, disk.WritableBytes ?? long.MaxValue);
                var bytes = inode.Bytes;
                if (bytes.Length < offset + allowed)
                {
                    Array.Resize(ref bytes, (int)offset + allowed);
                }
                else
                {
                    bytes = [.. bytes];
                }

                data[..allowed].CopyTo(bytes.AsSpan((int)offset));
                inode.Bytes = bytes;
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
            disk.Flushes++;
            return disk.FlushesLie ? inode.Durable : inode.Durable = [.. inode.Bytes];
        });

        public void Truncate(long length) => disk.Do("truncate", path, () => inode.Bytes = inode.Bytes[..(int)length]);

        public void Dispose()
        {
        }
    }
}
