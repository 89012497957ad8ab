using System.Text;

namespace Sutra.Tests.Embedder.Tokenization.Reference;

/// <summary>Small vocabularies, trained the simple way on a seeded text: good enough to have merges and scores that compete.</summary>
internal static class TrainedVocabularies
{
    private static readonly Lazy<Dictionary<string, int>> Counted = new(CountWords);

    /// <summary>How often each word stands in the text, its one leading space as <c>▁</c> included.</summary>
    public static IReadOnlyDictionary<string, int> Words => Counted.Value;

    /// <summary>Byte pair encoding by counting: tokens in order, and merges.</summary>
    /// <param name="words">Words as sequences of symbols.</param>
    public static (List<string> Tokens, List<(string Left, string Right)> Merges) Bpe(IEnumerable<(string[] Symbols, int Count)> words, int merges)
    {
        var all = words.Select(word => (Symbols: word.Symbols.ToList(), word.Count)).ToList();
        var tokens = all.SelectMany(word => word.Symbols).Distinct().Order(StringComparer.Ordinal).ToList();
        var known = tokens.ToHashSet();
        var done = new List<(string, string)>();
        while (done.Count < merges)
        {
            var pairs = new Dictionary<(string, string), int>();
            foreach (var (symbols, count) in all)
            {
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    pairs[(symbols[i], symbols[i + 1])] = pairs.GetValueOrDefault((symbols[i], symbols[i + 1])) + count;
                }
            }

            if (pairs.Count == 0)
            {
                break;
            }

            // Several at once that share no symbol: as good for a test, and far quicker.
            var used = new HashSet<string>();
            foreach (var ((left, right), _) in pairs.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Item1 + "\0" + pair.Key.Item2, StringComparer.Ordinal).Take(60))
            {
                if (used.Contains(left) || used.Contains(right))
                {
                    continue;
                }

                used.UnionWith([left, right]);
                done.Add((left, right));
                if (known.Add(left + right))
                {
                    tokens.Add(left + right);
                }

                foreach (var (symbols, _) in all)
                {
                    Merge(symbols, left, right);
                }
            }
        }

        return (tokens, done);
    }

    /// <summary>Parts of words with the logarithm of how often they are there, most first.</summary>
    public static List<(string Token, double Score)> Unigram(int size)
    {
        var counts = new Dictionary<string, int>();
        foreach (var (word, count) in Words)
        {
            var runes = word.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
            for (var from = 0; from < runes.Length; from++)
            {
                for (var length = 1; length <= Math.Min(7, runes.Length - from); length++)
                {
                    var part = string.Concat(runes[from..(from + length)]);
                    counts[part] = counts.GetValueOrDefault(part) + count;
                }
            }
        }

        var total = (double)counts.Values.Sum();
        return [.. counts.OrderByDescending(part => part.Value * part.Key.Length).ThenBy(part => part.Key, StringComparer.Ordinal).Take(size)
            .Select(part => (part.Key, Math.Log(part.Value / total)))];
    }

    /// <summary>Symbols of a word: its characters.</summary>
    public static string[] Characters(string word) => [.. word.EnumerateRunes().Select(rune => rune.ToString())];

    private static void Merge(List<string> symbols, string left, string right)
    {
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] == left && symbols[i + 1] == right)
            {
                symbols[i] = left + right;
                symbols.RemoveAt(i + 1);
            }
        }
    }

    private static Dictionary<string, int> CountWords()
    {
        var counts = new Dictionary<string, int>();
        foreach (var line in new MixedText(1).Lines(3000, []))
        {
            var text = new StringBuilder();
            foreach (var part in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(part => part.Length <= 24))
            {
                text.Clear().Append('▁').Append(part);
                counts[text.ToString()] = counts.GetValueOrDefault(text.ToString()) + 1;
            }
        }

        // The most frequent: rare ones add time, and no merges.
        return counts.OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Take(2500).ToDictionary();
    }
}
