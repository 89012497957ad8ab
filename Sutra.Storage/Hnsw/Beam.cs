using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// The nearest candidates so far, sorted, with a bit for those whose links were followed: one array does for both heaps of the
/// paper (as in NSG and DiskANN). Its memory belongs to the <see cref="SearchScratch"/> and has four entries to spare.
/// </summary>
internal unsafe struct Beam(ulong* keys, int capacity)
{
    private readonly ulong* _keys = keys;
    private int _cursor;

    public int Count { get; private set; }

    public readonly ulong this[int index] => _keys[index];

    public readonly ReadOnlySpan<ulong> Keys => new(_keys, Count);

    /// <summary>What is not nearer than this need not be offered.</summary>
    public float Worst { get; private set; } = float.PositiveInfinity;

    /// <summary>The nearest whose links nobody followed, or <see cref="GraphView.None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Next()
    {
        for (; _cursor < Count; _cursor++)
        {
            if ((_keys[_cursor] & Candidate.Expanded) == 0)
            {
                _keys[_cursor] |= Candidate.Expanded;
                return Candidate.Slot(_keys[_cursor]);
            }
        }

        return GraphView.None;
    }

    /// <summary>What <see cref="Next"/> will answer unless something nearer is added first: for prefetching.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Peek()
    {
        for (var i = _cursor; i < Count; i++)
        {
            if ((_keys[i] & Candidate.Expanded) == 0)
            {
                return Candidate.Slot(_keys[i]);
            }
        }

        return GraphView.None;
    }

    /// <summary>Adds a slot that is not in it and nearer than <see cref="Worst"/>; the farthest falls out of a full beam.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float distance, uint slot)
    {
        var key = Candidate.Key(distance, slot);
        var at = LowerBound(key);
        if (Count < capacity)
        {
            Count++;
        }

        // Upwards from the place, four at a time from the end; the spare entries take what is shifted too far.
        var i = Count - 1;
        for (; i - 3 > at; i -= 4)
        {
            Vector256.Store(Vector256.Load(_keys + i - 4), _keys + i - 3);
        }

        for (; i > at; i--)
        {
            _keys[i] = _keys[i - 1];
        }

        _keys[at] = key;
        _cursor = Math.Min(_cursor, at);
        if (Count == capacity)
        {
            Worst = Candidate.Distance(_keys[Count - 1]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int LowerBound(ulong key)
    {
        var low = _keys;
        var length = Count;
        while (length > 1)
        {
            var half = length >> 1;
            low = low[half - 1] < key ? low + half : low;
            length -= half;
        }

        return (int)(low - _keys) + (length == 1 && *low < key ? 1 : 0);
    }
}
