using Sutra.Models.Eval.Systems;

namespace Sutra.Models.Eval.Sets;

/// <summary>A set with BM25's scores, which every fused ranking of it needs.</summary>
/// <param name="Bm25">By query, by document.</param>
internal sealed record IndexedSet(RetrievalSet Set, IReadOnlyList<float[]> Bm25)
{
    public static IndexedSet Build(RetrievalSet set, int threads)
    {
        var index = new Bm25Index(set.Documents);
        var scores = new float[set.Queries.Count][];
        Parallel.For(0, scores.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, q => scores[q] = index.Score(set.Queries[q].Text));
        return new IndexedSet(set, scores);
    }
}
