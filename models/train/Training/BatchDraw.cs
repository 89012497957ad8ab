using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>
/// Which pairs make the next batch. At first any: an epoch goes through all of them in a random order. Later those of one source, a source as
/// often as it is large: texts about the same things are the hard negatives, and the ones that a search has to tell apart.
/// </summary>
internal sealed class BatchDraw
{
    private readonly GaussianSource _random;
    private readonly int[] _order;
    private readonly int _batchSize;
    private readonly int _firstSameSource;
    private readonly IReadOnlyList<EncodedPair> _pairs;
    private readonly Dictionary<ushort, Ring> _rings = [];
    private int _step;

    /// <param name="firstSameSource">The step, from 0, at which batches of one source begin.</param>
    public BatchDraw(IReadOnlyList<EncodedPair> pairs, int batchSize, int firstSameSource, ulong seed)
    {
        _pairs = pairs;
        _batchSize = batchSize;
        _random = new GaussianSource(seed);
        _order = [.. Enumerable.Range(0, pairs.Count)];
        foreach (var group in _order.GroupBy(i => pairs[i].Source))
        {
            var ring = new Ring([.. group]);
            _random.Shuffle(ring.Pairs);
            _rings[group.Key] = ring;
        }

        _firstSameSource = _rings.Count > 1 ? firstSameSource : int.MaxValue;
    }

    /// <summary>Indexes of the next batch's pairs; of a source smaller than a batch all, filled up with pairs of other sources.</summary>
    public void Next(Span<int> chosen)
    {
        var perEpoch = _order.Length / _batchSize;
        if (_step % perEpoch == 0)
        {
            _random.Shuffle(_order);
        }

        var next = _order.AsSpan(_step % perEpoch * _batchSize, _batchSize);
        if (_step++ < _firstSameSource)
        {
            next.CopyTo(chosen);
            return;
        }

        var source = _pairs[_random.NextInt(_pairs.Count)].Source;
        var ring = _rings[source];
        var count = 0;
        while (count < Math.Min(_batchSize, ring.Pairs.Length))
        {
            chosen[count++] = ring.Pairs[ring.Next];
            ring.Next = (ring.Next + 1) % ring.Pairs.Length;
        }

        // Not the source's own pairs again: a pair is no negative of itself.
        foreach (var pair in next)
        {
            if (count < _batchSize && _pairs[pair].Source != source)
            {
                chosen[count++] = pair;
            }
        }
    }

    /// <summary>The pairs of a source, gone through round and round.</summary>
    private sealed class Ring(int[] pairs)
    {
        public int[] Pairs { get; } = pairs;

        public int Next { get; set; }
    }
}
