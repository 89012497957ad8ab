using System.Runtime.InteropServices;

namespace Sutra.Storage.Encryption.Ring;

/// <summary>What is in memory of every key: its id, whether it lives, and which key of the same scope came before. No key bytes.</summary>
internal sealed class RingIndex
{
    private const int None = -1;

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<Scope, int> _newest = [];

    // Of the scopes of files that have a key, the collection.
    private readonly Dictionary<UInt128, UInt128> _files = [];

    public long Live => _entries.Count - Destroyed;

    public long Destroyed { get; private set; }

    public void Load(long index, ReadOnlySpan<byte> slot, bool destroyed) =>
        Add(RingSlot.Id(slot), destroyed ? null : RingSlot.Tags(slot));

    /// <summary>The scopes of a collection's files that have a key.</summary>
    public IEnumerable<UInt128> Files(UInt128 collection) => _files.Where(file => file.Value == collection).Select(file => file.Key);

    /// <param name="scope">Null: the key is destroyed, and what it was for is not known any more.</param>
    public void Add(ulong keyId, ScopeTags? scope)
    {
        var previous = None;
        if (scope is { } tags)
        {
            ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, new Scope(tags.Key), out var known);
            previous = known ? newest : None;
            newest = _entries.Count;
            if (tags.Kind == KeyKind.File)
            {
                _files[tags.Key] = tags.Collection;
            }
        }
        else
        {
            Destroyed++;
        }

        _entries.Add(new Entry(keyId, previous, scope is null));
    }

    /// <summary>The key that seals for the scope now.</summary>
    public bool TryFind(UInt128 scope, out ulong keyId)
    {
        var found = _newest.TryGetValue(new Scope(scope), out var index);
        keyId = found ? _entries[index].Id : 0;
        return found;
    }

    public KeyState State(ulong keyId)
    {
        var index = RingSlot.IndexOf(keyId);
        return index < 0 || index >= _entries.Count || _entries[(int)index].Id != keyId ? KeyState.Unknown
            : _entries[(int)index].Destroyed ? KeyState.Destroyed
            : KeyState.Live;
    }

    /// <summary>All living keys of a scope, newest first.</summary>
    public List<ulong> Generations(UInt128 scope)
    {
        var ids = new List<ulong>();
        for (var index = _newest.GetValueOrDefault(new Scope(scope), None); index != None; index = _entries[index].Previous)
        {
            if (!_entries[index].Destroyed)
            {
                ids.Add(_entries[index].Id);
            }
        }

        return ids;
    }

    public void Destroy(ulong keyId, UInt128 scope)
    {
        ref var entry = ref CollectionsMarshal.AsSpan(_entries)[(int)RingSlot.IndexOf(keyId)];
        if (!entry.Destroyed)
        {
            entry = entry with { Destroyed = true };
            Destroyed++;
        }

        // The newest key that is left seals from now on; with none, the scope is as if it had never been.
        var newest = _newest.GetValueOrDefault(new Scope(scope), None);
        while (newest != None && _entries[newest].Destroyed)
        {
            newest = _entries[newest].Previous;
        }

        if (newest == None)
        {
            _newest.Remove(new Scope(scope));
            _files.Remove(scope);
        }
        else
        {
            _newest[new Scope(scope)] = newest;
        }
    }

    // A UInt128 would be aligned to 16 bytes, which costs a third of the table.
    private readonly record struct Scope(ulong High, ulong Low)
    {
        public Scope(UInt128 tags)
            : this((ulong)(tags >> 64), (ulong)tags)
        {
        }

        // Tags are hashes already.
        public override int GetHashCode() => (int)Low;
    }

    private readonly record struct Entry(ulong Id, int Previous, bool Destroyed);
}
