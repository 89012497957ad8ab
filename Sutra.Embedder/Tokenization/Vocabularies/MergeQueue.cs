namespace Sutra.Embedder.Tokenization.Vocabularies;

/// <summary>
/// A word under byte pair encoding: its tokens as a linked list, and the merges that wait, lowest rank first and leftmost of
/// those: n log n for a word of n characters. Used again for the next word.
/// </summary>
internal sealed class MergeQueue
{
    // What a longer word needed is given up after it.
    private const int KeepAtMost = 1 << 16;

    private Symbol[] _symbols = new Symbol[64];
    private Waiting[] _heap = new Waiting[128];
    private int _count;
    private int _waiting;

    public void Clear()
    {
        _count = 0;
        _waiting = 0;
        if (_symbols.Length > KeepAtMost)
        {
            _symbols = new Symbol[64];
            _heap = new Waiting[128];
        }
    }

    /// <summary>Appends a token; places are UTF-16 units of the word.</summary>
    public void Add(int id, int start, int stop)
    {
        if (_count == _symbols.Length)
        {
            Array.Resize(ref _symbols, _count * 2);
        }

        _symbols[_count] = new Symbol { Id = id, Previous = _count - 1, Next = _count + 1, Start = start, Stop = stop };
        _count++;
    }

    public void MergeAll(MergeTable merges)
    {
        for (var i = 0; i + 1 < _count; i++)
        {
            Push(i, i + 1, merges);
        }

        while (_waiting > 0)
        {
            var top = Pop();
            ref var left = ref _symbols[top.Position];
            if (left.Id < 0 || left.Next == _count)
            {
                continue;
            }

            ref var right = ref _symbols[left.Next];
            // The pair may have become another since it was queued.
            if (!merges.TryGet(left.Id, right.Id, out _, out var id) || id != top.Id)
            {
                continue;
            }

            left.Id = id;
            left.Next = right.Next;
            left.Start = Math.Min(left.Start, right.Start);
            left.Stop = Math.Max(left.Stop, right.Stop);
            right.Id = -1;
            if (left.Next < _count)
            {
                _symbols[left.Next].Previous = top.Position;
                Push(top.Position, left.Next, merges);
            }

            if (left.Previous >= 0)
            {
                Push(left.Previous, top.Position, merges);
            }
        }
    }

    /// <summary>Appends the tokens that are left.</summary>
    public void Write(TokenBuffer tokens, List<TokenPlace>? places)
    {
        for (var i = 0; i < _count; i = _symbols[i].Next)
        {
            tokens.Add(_symbols[i].Id);
            places?.Add(new TokenPlace(_symbols[i].Start, _symbols[i].Stop));
        }
    }

    private void Push(int left, int right, MergeTable merges)
    {
        if (!merges.TryGet(_symbols[left].Id, _symbols[right].Id, out var rank, out var id))
        {
            return;
        }

        if (_waiting == _heap.Length)
        {
            Array.Resize(ref _heap, _waiting * 2);
        }

        var added = new Waiting(((long)rank << 32) | (uint)left, id);
        var at = _waiting++;
        while (at > 0 && added.Order < _heap[(at - 1) / 2].Order)
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = added;
    }

    private Waiting Pop()
    {
        var top = _heap[0];
        var last = _heap[--_waiting];
        var at = 0;
        for (var child = 1; child < _waiting; child = (2 * at) + 1)
        {
            if (child + 1 < _waiting && _heap[child + 1].Order < _heap[child].Order)
            {
                child++;
            }

            if (last.Order <= _heap[child].Order)
            {
                break;
            }

            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = last;
        return top;
    }

    private struct Symbol
    {
        /// <summary>-1: merged into the one before.</summary>
        public int Id;
        public int Previous;
        public int Next;
        public int Start;
        public int Stop;
    }

    /// <param name="Order">Rank, then position.</param>
    private readonly record struct Waiting(long Order, int Id)
    {
        public int Position => (int)(Order & 0xFFFFFFFF);
    }
}
