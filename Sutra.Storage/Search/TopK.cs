using System.Buffers;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>The best k of what it is offered: a heap with the worst of them on top, in a rented array.</summary>
internal sealed class TopK(int k) : IDisposable
{
    private readonly Found[] _heap = ArrayPool<Found>.Shared.Rent(k);
    private int _count;

    /// <summary>What scores less needs not be offered.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    public void Offer(in Found hit)
    {
        if (_count < k)
        {
            _heap[_count] = hit;
            Up(_count++);
        }
        else if (hit.IsBetterThan(_heap[0]))
        {
            _heap[0] = hit;
            Down();
        }

        if (_count == k)
        {
            Threshold = _heap[0].Score;
        }
    }

    /// <summary>Best first, equal scores by id. Leaves nothing to be offered to.</summary>
    public Found[] ToSorted()
    {
        var found = _heap.AsSpan(0, _count);
        found.Sort(static (left, right) => left.IsBetterThan(right) ? -1 : right.IsBetterThan(left) ? 1 : 0);
        return found.ToArray();
    }

    public void Dispose()
    {
        _heap.AsSpan(0, _count).Clear();
        ArrayPool<Found>.Shared.Return(_heap);
    }

    private void Up(int at)
    {
        while (at > 0 && (at - 1) / 2 is var parent && _heap[parent].IsBetterThan(_heap[at]))
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
                if (_heap[worst].IsBetterThan(_heap[child]))
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
