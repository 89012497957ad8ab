using System.Globalization;
using System.Runtime.InteropServices;

namespace Sutra.Models.Train.Vocabulary;

/// <summary>Byte-pair encoding over counted words: the most frequent pair of neighbouring pieces becomes a piece, again and again.</summary>
internal sealed class PairMerger
{
    private const int MaximumPieceLength = 24;

    private readonly PieceList _pieces;
    private readonly List<int>[] _symbols;
    private readonly long[] _counts;
    private readonly Dictionary<long, PairUse> _pairs = [];
    private readonly PriorityQueue<long, (long NegativeCount, long Pair)> _queue = new();

    public PairMerger(PieceList pieces, IReadOnlyList<WordPart> parts)
    {
        _pieces = pieces;
        _symbols = new List<int>[parts.Count];
        _counts = new long[parts.Count];
        for (var word = 0; word < parts.Count; word++)
        {
            _counts[word] = parts[word].Count;
            _symbols[word] = Characters(parts[word]);
            for (var i = 1; i < _symbols[word].Count; i++)
            {
                Change(_symbols[word][i - 1], _symbols[word][i], word, _counts[word]);
            }
        }
    }

    /// <summary>Merges until there are <paramref name="size"/> pieces or no pair is left.</summary>
    public void MergeUntil(int size)
    {
        foreach (var (pair, use) in _pairs)
        {
            Enqueue(pair, use.Count);
        }

        while (_pieces.Count < size && _queue.TryDequeue(out var pair, out var priority))
        {
            if (!_pairs.TryGetValue(pair, out var use))
            {
                continue;
            }

            if (use.Count != -priority.NegativeCount)
            {
                // The count changed since it was queued: back in line with the new one.
                Enqueue(pair, use.Count);
                continue;
            }

            Merge(pair, use);
        }
    }

    private static long Pack(int left, int right) => ((long)left << 32) | (uint)right;

    private void Merge(long pair, PairUse use)
    {
        var (left, right) = ((int)(pair >> 32), (int)pair);
        var text = _pieces.Pieces[left] + _pieces.Pieces[right][PieceVocabulary.ContinuationPrefix.Length..];
        if (text.Length > MaximumPieceLength)
        {
            _pairs.Remove(pair);
            return;
        }

        var merged = _pieces.Add(text);
        var touched = new HashSet<long>();
        foreach (var word in use.Words)
        {
            MergeIn(word, left, right, merged, touched);
        }

        _pairs.Remove(pair);
        foreach (var changed in touched)
        {
            // Counts that fell are found stale when they are dequeued; only those that rose must be queued anew.
            if (_pairs.TryGetValue(changed, out var changedUse))
            {
                Enqueue(changed, changedUse.Count);
            }
        }
    }

    private void MergeIn(int word, int left, int right, int merged, HashSet<long> touched)
    {
        var symbols = _symbols[word];
        var count = _counts[word];
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] != left || symbols[i + 1] != right)
            {
                continue;
            }

            if (i > 0)
            {
                Change(symbols[i - 1], left, word, -count);
                touched.Add(Change(symbols[i - 1], merged, word, count));
            }

            if (i + 2 < symbols.Count)
            {
                Change(right, symbols[i + 2], word, -count);
                touched.Add(Change(merged, symbols[i + 2], word, count));
            }

            symbols[i] = merged;
            symbols.RemoveAt(i + 1);
        }
    }

    private long Change(int left, int right, int word, long by)
    {
        var pair = Pack(left, right);
        ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _);
        use ??= new PairUse();
        use.Count += by;
        if (by > 0)
        {
            use.Words.Add(word);
        }

        return pair;
    }

    private void Enqueue(long pair, long count)
    {
        if (count > 0)
        {
            _queue.Enqueue(pair, (-count, pair));
        }
    }

    private List<int> Characters(WordPart part)
    {
        var symbols = new List<int>(part.Text.Length);
        foreach (var rune in part.Text.EnumerateRunes())
        {
            var first = symbols.Count == 0 && !part.Continues;
            symbols.Add(_pieces.IdOf(first ? rune.ToString() : string.Create(CultureInfo.InvariantCulture, $"{PieceVocabulary.ContinuationPrefix}{rune}")));
        }

        return symbols;
    }

    private sealed class PairUse
    {
        public long Count { get; set; }

        /// <summary>Words that have or had the pair; a set, because a word may have it twice.</summary>
        public HashSet<int> Words { get; } = [];
    }
}
