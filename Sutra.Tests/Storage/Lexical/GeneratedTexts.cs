using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;

namespace Sutra.Tests.Storage.Lexical;

/// <summary>Seeded texts of words "w0", "w1", …, frequent as words are (Zipf), and BM25 of them written down as plainly as can be.</summary>
internal sealed class GeneratedTexts
{
    private readonly List<Dictionary<string, int>> _counts = [];
    private readonly List<uint> _lengths = [];
    private readonly Random _random;
    private readonly int _vocabulary;

    public GeneratedTexts(int count, int seed = 1, int vocabulary = 3000, int longest = 120)
    {
        _random = new Random(seed);
        _vocabulary = vocabulary;
        for (var i = 0; i < count; i++)
        {
            Add(i % 97 == 96 ? "" : string.Join(' ', Enumerable.Range(0, 1 + _random.Next(_random.Next(longest) + 1)).Select(_ => Word())));
        }
    }

    public List<string> Texts { get; } = [];

    public int Count => Texts.Count;

    public string Query(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Word()));

    public MutableLexicalIndex Index(Func<int, bool>? take = null)
    {
        var index = new MutableLexicalIndex(TextLanguage.None);
        var row = 0;
        for (var i = 0; i < Count; i++)
        {
            if (take is null || take(i))
            {
                index.Add(row++, Texts[i]);
            }
        }

        return index;
    }

    /// <summary>The score of each text, in double precision.</summary>
    public double[] Scores(string query, double k1 = 1.2, double b = 0.75)
    {
        var documents = _lengths.Count(length => length > 0);
        var average = _lengths.Sum(length => (double)length) / documents;
        var scores = new double[Count];
        foreach (var word in query.Split(' '))
        {
            var having = _counts.Count(counts => counts.ContainsKey(word));
            var idf = Math.Log(1 + (documents - having + 0.5) / (having + 0.5));
            for (var i = 0; i < Count; i++)
            {
                if (_counts[i].TryGetValue(word, out var tf))
                {
                    scores[i] += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * _lengths[i] / average));
                }
            }
        }

        return scores;
    }

    private void Add(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Texts.Add(text);
        _counts.Add(words.GroupBy(word => word).ToDictionary(group => group.Key, group => group.Count()));
        _lengths.Add(LengthCode.Decode(LengthCode.Floor((uint)words.Length)));
    }

    private string Word() => $"w{(int)Math.Pow(_vocabulary, _random.NextDouble()) - 1}";
}

internal readonly struct EveryNth(int n, int offset) : IRowFilter
{
    public bool Accepts(int part, int row) => (row + part) % n == offset % n;
}

/// <summary>Rows in disorder, but always the same.</summary>
internal readonly struct MixedKey : IRowKey
{
    public ulong Key(int part, int row) => ((ulong)(uint)row * 0x9E3779B97F4A7C15) ^ (uint)part;
}
