namespace Sutra.Storage.Hnsw;

/// <summary>The frontier of a walk whose results are not what it walks over: a binary heap with the nearest on top. Keeps its memory.</summary>
internal sealed class CandidateHeap
{
    private ulong[] _keys = new ulong[256];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public ulong Peek() => _keys[0];

    public void Push(ulong key)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Count * 2);
        }

        var at = Count++;
        while (at > 0 && (at - 1) / 2 is var parent && key < _keys[parent])
        {
            _keys[at] = _keys[parent];
            at = parent;
        }

        _keys[at] = key;
    }

    public ulong Pop()
    {
        var top = _keys[0];
        var last = _keys[--Count];
        var at = 0;
        while (2 * at + 1 is var child && child < Count)
        {
            if (child + 1 < Count && _keys[child + 1] < _keys[child])
            {
                child++;
            }

            if (_keys[child] >= last)
            {
                break;
            }

            _keys[at] = _keys[child];
            at = child;
        }

        _keys[at] = last;
        return top;
    }
}
