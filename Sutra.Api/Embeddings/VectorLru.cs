namespace Sutra.Api.Embeddings;

/// <summary>The vectors used last, in this process, within a bound of bytes.</summary>
internal sealed class VectorLru(long maxBytes)
{
    // Key, node, dictionary slot: measured at about this much beside the vector itself.
    private const int OverheadBytes = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    public CachedVector? Get(string key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Value;
        }
    }

    public void Set(string key, CachedVector value)
    {
        var entry = new Entry(key, value);
        if (entry.Bytes > maxBytes)
        {
            return;
        }

        lock (_lock)
        {
            if (_entries.Remove(key, out var old))
            {
                _byUse.Remove(old);
                _bytes -= old.Value.Bytes;
            }

            _entries[key] = _byUse.AddFirst(entry);
            _bytes += entry.Bytes;
            while (_bytes > maxBytes && _byUse.Last is { } oldest)
            {
                _byUse.RemoveLast();
                _entries.Remove(oldest.Value.Key);
                _bytes -= oldest.Value.Bytes;
            }
        }
    }

    private sealed record Entry(string Key, CachedVector Value)
    {
        public long Bytes => OverheadBytes + ((long)Value.Vector.Length * sizeof(float));
    }
}
