using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train.Training;

/// <summary>The pairs of a step, and which text uses which rows.</summary>
internal sealed class Batch
{
    private readonly int[] _counts;
    private readonly List<(int, int)> _same = [];
    private readonly Dictionary<ulong, int> _firstWithAnchor = [];
    private readonly WeightedPieces[] _texts;
    private readonly bool _saturate;
    private int[] _users = [];
    private float[] _weights = [];

    public Batch(int size, int rows, bool saturate)
    {
        _saturate = saturate;
        Pairs = new EncodedPair[size];
        _texts = new WeightedPieces[2 * size];
        _counts = new int[rows + 1];
        Starts = new int[rows + 1];
    }

    public EncodedPair[] Pairs { get; }

    /// <summary>Rows that some text uses, ascending.</summary>
    public List<int> Rows { get; } = [];

    /// <summary>Anchor and positive of different pairs with the same anchor.</summary>
    public IReadOnlyList<(int Anchor, int Positive)> Same => _same;

    private int[] Starts { get; }

    public WeightedPieces AnchorOf(int pair) => _texts[pair];

    public WeightedPieces PositiveOf(int pair) => _texts[Pairs.Length + pair];

    /// <summary>The texts that use a row: anchors 0..size − 1, then positives.</summary>
    public ReadOnlySpan<int> UsersOf(int row) => _users.AsSpan(Starts[row], _counts[row]);

    /// <summary>The row's weights in the texts of <see cref="UsersOf"/>.</summary>
    public ReadOnlySpan<float> WeightsOf(int row) => _weights.AsSpan(Starts[row], _counts[row]);

    /// <summary>Call after <see cref="Pairs"/> was filled.</summary>
    public void Index(ParallelOptions parallel)
    {
        Parallel.For(0, Pairs.Length, parallel, i =>
        {
            _texts[i] = WeightedPieces.From(Pairs[i].Anchor, _saturate);
            _texts[Pairs.Length + i] = WeightedPieces.From(Pairs[i].Positive, _saturate);
        });

        foreach (var row in Rows)
        {
            _counts[row] = 0;
        }

        Rows.Clear();
        foreach (var text in _texts)
        {
            Count(text.Ids);
        }

        Rows.Sort();
        var total = 0;
        foreach (var row in Rows)
        {
            Starts[row] = total;
            total += _counts[row];
            _counts[row] = 0;
        }

        if (_users.Length < total)
        {
            _users = new int[total * 2];
            _weights = new float[total * 2];
        }

        for (var text = 0; text < _texts.Length; text++)
        {
            Use(_texts[text], text);
        }

        FindSameAnchors();
    }

    private void Count(ushort[] ids)
    {
        foreach (var id in ids)
        {
            if (_counts[id]++ == 0)
            {
                Rows.Add(id);
            }
        }
    }

    private void Use(WeightedPieces pieces, int text)
    {
        for (var i = 0; i < pieces.Ids.Length; i++)
        {
            var place = Starts[pieces.Ids[i]] + _counts[pieces.Ids[i]]++;
            (_users[place], _weights[place]) = (text, pieces.Weights[i]);
        }
    }

    private void FindSameAnchors()
    {
        _same.Clear();
        _firstWithAnchor.Clear();
        var groups = new Dictionary<int, List<int>>();
        for (var i = 0; i < Pairs.Length; i++)
        {
            if (!_firstWithAnchor.TryAdd(Hash(Pairs[i].Anchor), i))
            {
                var first = _firstWithAnchor[Hash(Pairs[i].Anchor)];
                if (!groups.TryGetValue(first, out var group))
                {
                    groups[first] = group = [first];
                }

                foreach (var other in group)
                {
                    _same.Add((other, i));
                    _same.Add((i, other));
                }

                group.Add(i);
            }
        }
    }

    // FNV-1a: equal anchors have equal hashes; two different ones out of a thousand practically never do.
    private static ulong Hash(ushort[] ids) => ids.Aggregate(14695981039346656037UL, (hash, id) => (hash ^ id) * 1099511628211UL);
}
