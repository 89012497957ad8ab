using System.Collections.Concurrent;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train.Corpus;

/// <summary>A corpus as piece ids, in the file's order, with how many texts hold each piece.</summary>
public sealed class EncodedCorpus
{
    private EncodedCorpus(IReadOnlyList<EncodedPair> pairs, long[] documentFrequencies)
    {
        Pairs = pairs;
        DocumentFrequencies = documentFrequencies;
    }

    public IReadOnlyList<EncodedPair> Pairs { get; }

    /// <summary>By piece id: the number of positives that hold it, counted on the whole text.</summary>
    public IReadOnlyList<long> DocumentFrequencies { get; }

    /// <param name="maximumAnchor">Pieces kept of an anchor.</param>
    /// <param name="maximumPositive">Pieces kept of a positive.</param>
    /// <param name="report">Called now and then with the number of pairs just encoded; from any thread.</param>
    public static EncodedCorpus Encode(
        IEnumerable<PairsChunk> chunks,
        PieceVocabulary vocabulary,
        int threads,
        int maximumAnchor = 64,
        int maximumPositive = 192,
        Action<int>? report = null)
    {
        var encoded = new ConcurrentDictionary<int, EncodedPair[]>();
        var frequencies = new long[vocabulary.Count];
        Parallel.ForEach(
            chunks,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new ChunkEncoder(vocabulary, maximumAnchor, maximumPositive),
            (chunk, _, encoder) =>
            {
                encoded[chunk.Index] = encoder.Encode(chunk);
                report?.Invoke(chunk.Pairs.Count);
                return encoder;
            },
            encoder =>
            {
                lock (frequencies)
                {
                    for (var id = 0; id < frequencies.Length; id++)
                    {
                        frequencies[id] += encoder.DocumentFrequencies[id];
                    }
                }
            });

        var pairs = Enumerable.Range(0, encoded.Count).SelectMany(chunk => encoded[chunk]).ToArray();
        return new EncodedCorpus(pairs, frequencies);
    }

    private sealed class ChunkEncoder(PieceVocabulary vocabulary, int maximumAnchor, int maximumPositive)
    {
        // Words repeat: looking up a word's pieces is much cheaper than matching them again.
        private const int CachedWords = 200_000;

        private readonly Dictionary<string, ushort[]> _cache = new(StringComparer.Ordinal);
        private readonly WordSplitter _splitter = new();
        private readonly List<ushort> _ids = [];
        private readonly int[] _lastDocument = new int[vocabulary.Count];
        private int _document;

        public long[] DocumentFrequencies { get; } = new long[vocabulary.Count];

        public EncodedPair[] Encode(PairsChunk chunk)
        {
            var pairs = new EncodedPair[chunk.Pairs.Count];
            for (var i = 0; i < pairs.Length; i++)
            {
                Encode(chunk.Pairs[i].Anchor);
                var anchor = Take(maximumAnchor);
                Encode(chunk.Pairs[i].Positive);
                CountDocument();
                pairs[i] = new EncodedPair(anchor, Take(maximumPositive), chunk.Pairs[i].Source);
            }

            return pairs;
        }

        private ushort[] Take(int maximum) => [.. _ids.Take(maximum)];

        private void Encode(string text)
        {
            _ids.Clear();
            _splitter.Split(text);
            var cache = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var i = 0; i < _splitter.Count; i++)
            {
                var word = _splitter[i];
                if (cache.TryGetValue(word, out var known))
                {
                    _ids.AddRange(known);
                    continue;
                }

                var start = _ids.Count;
                vocabulary.Encode(word, _ids);
                if (_cache.Count < CachedWords)
                {
                    cache[word] = [.. _ids.Skip(start)];
                }
            }
        }

        private void CountDocument()
        {
            _document++;
            foreach (var id in _ids)
            {
                if (_lastDocument[id] != _document)
                {
                    _lastDocument[id] = _document;
                    DocumentFrequencies[id]++;
                }
            }
        }
    }
}

/// <summary>A pair as piece ids, cut to the lengths that training looks at.</summary>
/// <param name="Source">Where the pair is from, as in <see cref="TextPair"/>.</param>
public sealed record EncodedPair(ushort[] Anchor, ushort[] Positive, ushort Source = 0);
