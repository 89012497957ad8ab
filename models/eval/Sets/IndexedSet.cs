using Sutra.Models.Eval.Systems;

namespace Sutra.Models.Eval.Sets;

/// <summary>A set with what rankings of it need of its words.</summary>
/// <param name="Terms">Of the documents.</param>
/// <param name="Bm25">By query, by document.</param>
internal sealed record IndexedSet(RetrievalSet Set, TermFrequencies Terms, IReadOnlyList<float[]> Bm25)
{
    public static IndexedSet Build(RetrievalSet set, int threads)
    {
        var index = new Bm25Index(set.Documents);
        var scores = new float[set.Queries.Count][];
        Parallel.For(0, scores.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, q => scores[q] = index.Score(set.Queries[q].Text));
        return new IndexedSet(set, index.Terms, scores);
    }
}
