namespace Sutra.Storage.Lexical;

/// <summary>The best so far, the worst of them on top. Higher scores are better, then smaller keys.</summary>
internal ref struct HitHeap<TKey>(Span<LexicalHit> hits, Span<ulong> keys, TKey order)
    where TKey : struct, IRowKey
{
    private readonly Span<LexicalHit> _hits = hits;
    private readonly Span<ulong> _keys = keys;
    private TKey _order = order;

    public int Count { get; private set; }

    /// <summary>What scores less is not wanted.</summary>
    public readonly float Threshold => Count < _hits.Length ? float.NegativeInfinity : _hits[0].Score;

    public void Add(int part, int row, float score)
    {
        if (score < Threshold)
        {
            return;
        }

        var key = _order.Key(part, row);
        var hit = new LexicalHit(part, row, score);
        if (Count < _hits.Length)
        {
            var at = Count++;
            for (; at > 0 && IsWorse(score, key, (at - 1) / 2); at = (at - 1) / 2)
            {
                (_hits[at], _keys[at]) = (_hits[(at - 1) / 2], _keys[(at - 1) / 2]);
            }

            (_hits[at], _keys[at]) = (hit, key);
        }
        else if (!IsWorse(score, key, 0))
        {
            SiftDown(hit, key, Count);
        }
    }

    /// <summary>Puts the best first.</summary>
    public void Sort()
    {
        for (var count = Count - 1; count > 0; count--)
        {
            var (hit, key) = (_hits[count], _keys[count]);
            (_hits[count], _keys[count]) = (_hits[0], _keys[0]);
            SiftDown(hit, key, count);
        }
    }

    private readonly bool IsWorse(float score, ulong key, int than) => score < _hits[than].Score || (score == _hits[than].Score && key > _keys[than]);

    private readonly void SiftDown(LexicalHit hit, ulong key, int count)
    {
        var at = 0;
        while (2 * at + 1 < count)
        {
            var child = 2 * at + 1;
            if (child + 1 < count && IsWorse(_hits[child + 1].Score, _keys[child + 1], child))
            {
                child++;
            }

            if (IsWorse(hit.Score, key, child))
            {
                break;
            }

            (_hits[at], _keys[at]) = (_hits[child], _keys[child]);
            at = child;
        }

        (_hits[at], _keys[at]) = (hit, key);
    }
}
