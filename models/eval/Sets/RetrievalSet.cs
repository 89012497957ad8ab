using System.Runtime.InteropServices;
using Sutra.Models.Eval.Corpus;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Eval.Sets;

/// <summary>Documents to search and queries with the one document that answers each.</summary>
/// <param name="Source">Id of the source that all of it is from.</param>
/// <param name="Documents">Distinct texts, so a query's document is the only one with its text.</param>
internal sealed record RetrievalSet(string Source, IReadOnlyList<string> Documents, IReadOnlyList<RetrievalQuery> Queries)
{
    /// <summary>
    /// Documents: positives that <paramref name="usable"/> has. Queries: anchors that occur once in the source, have enough words, and whose positive is among the
    /// documents. Both drawn by hash, so neither the file's order nor threads have a say.
    /// </summary>
    /// <param name="usable">Positives that training did not see elsewhere and that are no part of each other; see <see cref="Usable"/>.</param>
    public static RetrievalSet Build(
        string source,
        IReadOnlyList<TextPair> pairs,
        IReadOnlySet<string> usable,
        int minimumWords,
        int maximumDocuments,
        int maximumQueries,
        ulong seed)
    {
        var documents = StableHash.Shuffle(usable, seed)
            .Take(maximumDocuments)
            .ToArray();
        var places = documents.Index().ToDictionary(d => d.Item, d => d.Index, StringComparer.Ordinal);
        var positives = pairs.GroupBy(p => p.Anchor, StringComparer.Ordinal)
            .Where(group => group.Count() == 1 && CountWords(group.Key) >= minimumWords)
            .Select(group => group.First())
            .Where(p => places.ContainsKey(p.Positive) && p.Anchor != p.Positive)
            .ToDictionary(p => p.Anchor, p => places[p.Positive], StringComparer.Ordinal);
        var queries = StableHash.Shuffle(positives.Keys, seed)
            .Take(maximumQueries)
            .Select(anchor => new RetrievalQuery(anchor, positives[anchor]))
            .ToArray();
        return new RetrievalSet(source, documents, queries);
    }

    /// <summary>Texts of a source that may be measured with.</summary>
    /// <param name="isKnown">Whether training saw a text, in another source.</param>
    public static IReadOnlySet<string> Usable(IEnumerable<TextPair> pairs, Func<string, bool> isKnown) =>
        DistinctTexts.Of(pairs.Select(p => p.Positive).Where(text => !isKnown(text)));

    private static int CountWords(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}

/// <param name="Relevant">Index of the document that answers.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetrievalQuery(string Text, int Relevant);
