using System.Runtime.InteropServices;

namespace Sutra.Models.Eval.Systems;

/// <summary>Okapi BM25 over one set of documents, its statistics from these documents.</summary>
internal sealed class Bm25Index
{
    public const float K1 = 1.2f;
    public const float B = 0.75f;

    private readonly Dictionary<string, List<(int Document, float Weight)>> _postings = new(StringComparer.Ordinal);
    private readonly int _documents;

    public Bm25Index(IReadOnlyList<string> documents)
    {
        _documents = documents.Count;
        var lengths = new int[documents.Count];
        for (var document = 0; document < documents.Count; document++)
        {
            var terms = WordAnalyzer.Analyze(documents[document]);
            lengths[document] = terms.Count;
            foreach (var (term, count) in terms.CountBy(t => t, StringComparer.Ordinal))
            {
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(_postings, term, out _);
                (list ??= []).Add((document, count));
            }
        }

        var average = (float)Math.Max(1, lengths.DefaultIfEmpty(0).Average());
        Terms = new TermFrequencies(documents.Count, _postings.ToDictionary(p => p.Key, p => p.Value.Count, StringComparer.Ordinal));
        foreach (var (term, list) in _postings)
        {
            var idf = Terms.Idf(term);
            foreach (ref var posting in CollectionsMarshal.AsSpan(list))
            {
                var norm = K1 * (1 - B + (B * lengths[posting.Document] / average));
                posting.Weight = idf * posting.Weight * (K1 + 1) / (posting.Weight + norm);
            }
        }
    }

    public TermFrequencies Terms { get; }

    /// <summary>A score per document; a term that the query has twice counts twice.</summary>
    public float[] Score(string query)
    {
        var scores = new float[_documents];
        foreach (var term in WordAnalyzer.Analyze(query))
        {
            if (_postings.TryGetValue(term, out var list))
            {
                foreach (var (document, weight) in list)
                {
                    scores[document] += weight;
                }
            }
        }

        return scores;
    }
}
