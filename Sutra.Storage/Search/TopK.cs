using System.Buffers;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>The best k of what it is offered: a heap with the worst of them on top, in a rented array.</summary>
internal sealed class TopK(int k) : IDisposable
{
    private readonly SearchHit[] _heap = ArrayPool<SearchHit>.Shared.Rent(k);
    private int _count;

    /// <summary>What scores less needs not be offered.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    public void Offer(float score, StoredConcept concept)
    {
        var hit = new SearchHit(concept, score);
        if (_count < k)
        {
            _heap[_count] = hit;
            Up(_count++);
        }
        else if (IsBetter(hit, _heap[0]))
        {
            _heap[0] = hit;
            Down();
        }

        if (_count == k)
        {
            Threshold = _heap[0].Score;
        }
    }

    public SearchHit[] ToHits()
    {
        var hits = _heap.AsSpan(0, _count).ToArray();
        Array.Sort(hits, static (left, right) => IsBetter(left, right) ? -1 : IsBetter(right, left) ? 1 : 0);
        for (var i = 0; i < hits.Length; i++)
        {
            // Rounding can give two equal vectors a dot product just outside.
            hits[i] = hits[i] with { Score = Math.Clamp(hits[i].Score, -1f, 1f) };
        }

        return hits;
    }

    public void Dispose()
    {
        _heap.AsSpan(0, _count).Clear();
        ArrayPool<SearchHit>.Shared.Return(_heap);
    }

    private static bool IsBetter(in SearchHit left, in SearchHit right) =>
        left.Score > right.Score || (left.Score == right.Score && left.Concept.Id.Value < right.Concept.Id.Value);

    private void Up(int at)
    {
        while (at > 0 && (at - 1) / 2 is var parent && IsBetter(_heap[parent], _heap[at]))
        {
            (_heap[parent], _heap[at]) = (_heap[at], _heap[parent]);
            at = parent;
        }
    }

    private void Down()
    {
        var at = 0;
        while (true)
        {
            var worst = at;
            for (var child = at * 2 + 1; child <= at * 2 + 2 && child < _count; child++)
            {
                if (IsBetter(_heap[worst], _heap[child]))
                {
                    worst = child;
                }
            }

            if (worst == at)
            {
                return;
            }

            (_heap[worst], _heap[at]) = (_heap[at], _heap[worst]);
            at = worst;
        }
    }
}
