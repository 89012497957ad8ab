using System.Collections.Concurrent;
using Sutra.Embedder.Tokenization;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Corpus;

/// <summary>What one pass over the corpus leaves behind.</summary>
/// <param name="Pairs">By source, in the file's order: the sources that were asked for.</param>
/// <param name="Training">About everything outside the split.</param>
internal sealed record CorpusDigest(IReadOnlyDictionary<string, List<TextPair>> Pairs, TrainingSide Training);

/// <summary>Reads the corpus once: keeps the pairs of some sources, and counts over all that training may have seen.</summary>
internal static class CorpusReader
{
    /// <param name="keep">Sources whose pairs are wanted; those outside the split are counted, too.</param>
    /// <param name="split">Sources that are not on the training side.</param>
    /// <param name="tokenizers">Document frequencies are counted for each.</param>
    /// <param name="report">Called with the number of pairs just read.</param>
    public static CorpusDigest Read(
        IEnumerable<SourcedChunk> chunks,
        IReadOnlyCollection<string> keep,
        IReadOnlyCollection<string> split,
        IReadOnlyList<TextTokenizer> tokenizers,
        int threads,
        Action<int>? report = null)
    {
        var kept = keep.ToDictionary(source => source, _ => new List<TextPair>(), StringComparer.Ordinal);
        var heldOut = split.ToHashSet(StringComparer.Ordinal);
        var parts = new ConcurrentBag<TrainingSideCounter>();
        Parallel.ForEach(
            Partitioner.Create(Collect(chunks, kept), EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => new TrainingSideCounter(tokenizers),
            (chunk, _, counter) =>
            {
                for (var i = 0; i < chunk.Pairs.Count; i++)
                {
                    if (!heldOut.Contains(chunk.Sources[i]))
                    {
                        counter.Count(chunk.Pairs[i]);
                    }
                }

                report?.Invoke(chunk.Pairs.Count);
                return counter;
            },
            parts.Add);
        return new CorpusDigest(kept, TrainingSideCounter.Sum(parts, tokenizers));
    }

    // The enumerator is only ever used by one thread at a time, so the lists keep the file's order.
    private static IEnumerable<SourcedChunk> Collect(IEnumerable<SourcedChunk> chunks, Dictionary<string, List<TextPair>> kept)
    {
        foreach (var chunk in chunks)
        {
            for (var i = 0; i < chunk.Pairs.Count; i++)
            {
                if (kept.TryGetValue(chunk.Sources[i], out var list))
                {
                    list.Add(chunk.Pairs[i]);
                }
            }

            yield return chunk;
        }
    }
}
