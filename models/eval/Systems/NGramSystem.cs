using Sutra.Models.Eval.Corpus;

namespace Sutra.Models.Eval.Systems;

/// <summary>
/// Hashed character n-grams: every 3- to 5-gram of every word (lower case, with marks for its ends) falls with a sign into one of the
/// dimensions, weighted (1 + ln tf) × IDF; the IDF from texts of the training side.
/// </summary>
internal sealed class NGramSystem(int dimensions, NGramFrequencies frequencies, int threads) : IEmbeddingSystem
{
    public string Name => "hashed n-grams";

    public IReadOnlyList<int> Cuts { get; } = [dimensions];

    public VectorTable Embed(IReadOnlyList<string> texts)
    {
        var values = new float[texts.Count * dimensions];
        Parallel.For(
            0,
            texts.Count,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new Dictionary<ulong, int>(),
            (text, _, counts) =>
            {
                counts.Clear();
                NGrams.Count(texts[text], counts);
                var vector = values.AsSpan(text * dimensions, dimensions);
                foreach (var (hash, count) in counts)
                {
                    var weight = (float)((1 + Math.Log(count)) * frequencies.Idf(hash));
                    // Place, sign and IDF bucket come from different bits.
                    vector[(int)((hash >> 1) % (ulong)dimensions)] += (hash & 1) == 0 ? weight : -weight;
                }

                return counts;
            },
            _ => { });
        return new VectorTable(values, Cuts);
    }
}

/// <summary>Document frequencies of n-grams in 2^20 hash buckets. Not thread-safe.</summary>
internal sealed class NGramFrequencies
{
    private const int Bits = 20;

    private readonly int[] _frequencies = new int[1 << Bits];
    private readonly Dictionary<ulong, int> _counts = [];
    private int _documents;

    public void Add(string text)
    {
        _documents++;
        _counts.Clear();
        NGrams.Count(text, _counts);
        foreach (var hash in _counts.Keys)
        {
            _frequencies[hash >> (64 - Bits)]++;
        }
    }

    public void Add(NGramFrequencies other)
    {
        _documents += other._documents;
        for (var i = 0; i < _frequencies.Length; i++)
        {
            _frequencies[i] += other._frequencies[i];
        }
    }

    public double Idf(ulong hash) => Math.Log((_documents + 1.0) / Math.Max(1, _frequencies[hash >> (64 - Bits)]));
}

internal static class NGrams
{
    private const int Shortest = 3;
    private const int Longest = 5;

    /// <summary>Adds how often each n-gram of a text occurs, by its hash.</summary>
    public static void Count(string text, Dictionary<ulong, int> counts)
    {
        var word = new List<char>();
        foreach (var c in text.Append(' '))
        {
            if (char.IsLetterOrDigit(c))
            {
                word.Add(char.ToLowerInvariant(c));
            }
            else if (word.Count > 0)
            {
                CountWord([' ', .. word, ' '], counts);
                word.Clear();
            }
        }
    }

    private static void CountWord(ReadOnlySpan<char> word, Dictionary<ulong, int> counts)
    {
        for (var length = Shortest; length <= Longest; length++)
        {
            for (var start = 0; start + length <= word.Length; start++)
            {
                var hash = StableHash.Of(word.Slice(start, length));
                counts[hash] = counts.GetValueOrDefault(hash) + 1;
            }
        }
    }
}
