using Sutra.Embedder.Tokenization;
using Sutra.Models.Eval.Systems;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Corpus;

/// <summary>What is known of the pairs outside the split: that, and no more, may baselines be built from.</summary>
/// <param name="Pairs">How many there are.</param>
/// <param name="Texts"><see cref="StableHash"/> of every anchor and positive.</param>
/// <param name="PieceFrequencies">By tokenizer, by piece id: positives that hold it.</param>
/// <param name="NGrams">Document frequencies of hashed character n-grams, over a sample.</param>
internal sealed record TrainingSide(long Pairs, IReadOnlySet<ulong> Texts, IReadOnlyList<long[]> PieceFrequencies, NGramFrequencies NGrams)
{
    /// <summary>Whether training may have seen exactly this text.</summary>
    public bool Has(string text) => Texts.Contains(StableHash.Of(text));
}

/// <summary>One thread's share of a <see cref="TrainingSide"/>.</summary>
internal sealed class TrainingSideCounter(IReadOnlyList<TextTokenizer> tokenizers)
{
    /// <summary>Every so many-th positive counts for the n-grams: enough for weights, at a fraction of the time.</summary>
    private const int NGramShare = 16;

    // As long as training counts: on the whole text.
    private const int WholeText = 1 << 20;

    private readonly HashSet<ulong> _texts = [];
    private readonly long[][] _frequencies = [.. tokenizers.Select(t => new long[t.VocabularySize])];
    private readonly long[][] _lastPair = [.. tokenizers.Select(t => new long[t.VocabularySize])];
    private readonly NGramFrequencies _ngrams = new();
    private readonly TokenBuffer _tokens = new();
    private long _pairs;

    public void Count(TextPair pair)
    {
        _pairs++;
        var hash = StableHash.Of(pair.Positive);
        _texts.Add(hash);
        _texts.Add(StableHash.Of(pair.Anchor));
        if (hash % NGramShare == 0)
        {
            _ngrams.Add(pair.Positive);
        }

        for (var t = 0; t < tokenizers.Count; t++)
        {
            _tokens.CutTo(0);
            var range = tokenizers[t].Encode(pair.Positive, WholeText, _tokens);
            var (frequencies, lastPair) = (_frequencies[t], _lastPair[t]);
            foreach (var id in _tokens[range])
            {
                if (lastPair[id] != _pairs)
                {
                    lastPair[id] = _pairs;
                    frequencies[id]++;
                }
            }
        }
    }

    public static TrainingSide Sum(IEnumerable<TrainingSideCounter> parts, IReadOnlyList<TextTokenizer> tokenizers)
    {
        var sum = new TrainingSideCounter(tokenizers);
        foreach (var part in parts)
        {
            sum._pairs += part._pairs;
            sum._texts.UnionWith(part._texts);
            sum._ngrams.Add(part._ngrams);
            for (var t = 0; t < sum._frequencies.Length; t++)
            {
                for (var id = 0; id < sum._frequencies[t].Length; id++)
                {
                    sum._frequencies[t][id] += part._frequencies[t][id];
                }
            }

            part._tokens.Dispose();
        }

        sum._tokens.Dispose();
        return new TrainingSide(sum._pairs, sum._texts, sum._frequencies, sum._ngrams);
    }
}
