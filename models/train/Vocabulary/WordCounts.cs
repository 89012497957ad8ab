using System.Runtime.InteropServices;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train.Vocabulary;

/// <summary>How often each word occurs in a corpus.</summary>
public static class WordCounts
{
    /// <summary>Counts both sides of all pairs.</summary>
    /// <param name="report">Called now and then with the number of pairs just read; from any thread.</param>
    public static Dictionary<string, long> Count(IEnumerable<PairsChunk> chunks, int threads, Action<int>? report = null)
    {
        var total = new Dictionary<string, long>(StringComparer.Ordinal);
        Parallel.ForEach(
            chunks,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new Counter(),
            (chunk, _, counter) =>
            {
                foreach (var pair in chunk.Pairs)
                {
                    counter.Add(pair.Anchor);
                    counter.Add(pair.Positive);
                }

                report?.Invoke(chunk.Pairs.Count);
                return counter;
            },
            counter =>
            {
                lock (total)
                {
                    counter.AddTo(total);
                }
            });
        return total;
    }

    private sealed class Counter
    {
        private readonly WordSplitter _splitter = new();
        private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

        public void Add(string text)
        {
            _splitter.Split(text);
            var counts = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var i = 0; i < _splitter.Count; i++)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, _splitter[i], out _)++;
            }
        }

        public void AddTo(Dictionary<string, long> total)
        {
            foreach (var (word, count) in _counts)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(total, word, out _) += count;
            }
        }
    }
}
