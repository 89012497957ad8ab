using System.Collections.Concurrent;
using Sutra.Models.Eval.Metrics;
using Sutra.Models.Eval.Sets;
using Sutra.Models.Eval.Systems;

namespace Sutra.Models.Eval;

/// <summary>Outcomes of a system's queries on one set.</summary>
/// <param name="Cosine">By cut, by query.</param>
/// <param name="Fused">By cut, by query.</param>
/// <param name="CosineOfFused">By cut, by query: the ranks of the fused ranking, the cosines of its best.</param>
/// <param name="FusedRanks">By weight of <see cref="FusedRanking.Weights"/>, by query: ranks at full length; no weights where nobody asked.</param>
internal sealed record DenseOutcomes(QueryOutcome[][] Cosine, QueryOutcome[][] Fused, QueryOutcome[][] CosineOfFused, int[][] FusedRanks);

/// <summary>Exhaustive search by cosine, alone and fused with BM25.</summary>
internal static class DenseSearch
{
    // A document's vector is read once for so many queries.
    private const int QueriesAtOnce = 8;

    /// <param name="everyWeight">Whether ranks at all weights are wanted besides those at <paramref name="weight"/>.</param>
    public static DenseOutcomes Measure(IndexedSet indexed, IEmbeddingSystem system, float weight, bool everyWeight, int threads)
    {
        var set = indexed.Set;
        var outcomes = new DenseOutcomes(New(), New(), New(), everyWeight ? NewRanks(set) : []);
        ForEachQuery(indexed, system, threads, (query, cosines, scratch) =>
        {
            var relevant = set.Queries[query].Relevant;
            for (var cut = 0; cut < cosines.Length; cut++)
            {
                outcomes.Cosine[cut][query] = QueryOutcome.Of(cosines[cut], relevant);
                (outcomes.Fused[cut][query], outcomes.CosineOfFused[cut][query]) = FusedRanking.Outcome(indexed.Bm25[query], cosines[cut], weight, relevant, scratch);
            }

            RankFused(indexed, query, cosines[^1], scratch, outcomes.FusedRanks);
        });
        return outcomes;

        QueryOutcome[][] New() => [.. system.Cuts.Select(_ => new QueryOutcome[set.Queries.Count])];
    }

    /// <summary>The weight of the whole vector's cosine with the best macro-averaged nDCG@10 of the fused ranking; of equals, the smallest.</summary>
    public static float TuneWeight(IReadOnlyList<IndexedSet> sets, IEmbeddingSystem system, int threads)
    {
        var sum = new double[FusedRanking.Weights.Count];
        foreach (var indexed in sets)
        {
            var ranks = NewRanks(indexed.Set);
            ForEachQuery(indexed, system, threads, (query, cosines, scratch) => RankFused(indexed, query, cosines[^1], scratch, ranks));
            for (var w = 0; w < ranks.Length; w++)
            {
                sum[w] += RetrievalMetrics.Of(ranks[w]).Ndcg;
            }
        }

        return FusedRanking.Weights[Array.IndexOf(sum, sum.Max())];
    }

    private static int[][] NewRanks(RetrievalSet set) => [.. FusedRanking.Weights.Select(_ => new int[set.Queries.Count])];

    private static void RankFused(IndexedSet indexed, int query, float[] cosines, float[] scratch, int[][] ranks)
    {
        for (var w = 0; w < ranks.Length; w++)
        {
            FusedRanking.Score(indexed.Bm25[query], cosines, FusedRanking.Weights[w], scratch);
            ranks[w][query] = RetrievalMetrics.Rank(scratch, indexed.Set.Queries[query].Relevant);
        }
    }

    /// <param name="see">Gets a query's index, its cosines by cut and document, and room for as many scores.</param>
    private static void ForEachQuery(IndexedSet indexed, IEmbeddingSystem system, int threads, Action<int, float[][], float[]> see)
    {
        var documents = system.Embed(indexed.Set.Documents);
        var queries = system.EmbedQueries(indexed);
        Parallel.ForEach(
            Partitioner.Create(0, Math.Max(1, queries.Rows), QueriesAtOnce),
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            () => (Cosines: NewCosines(), Scratch: new float[documents.Rows]),
            (range, _, room) =>
            {
                Span<float> cosines = stackalloc float[system.Cuts.Count];
                for (var document = 0; document < documents.Rows; document++)
                {
                    for (var query = range.Item1; query < Math.Min(range.Item2, queries.Rows); query++)
                    {
                        queries.Cosines(query, documents, document, cosines);
                        for (var cut = 0; cut < cosines.Length; cut++)
                        {
                            room.Cosines[query - range.Item1][cut][document] = cosines[cut];
                        }
                    }
                }

                for (var query = range.Item1; query < Math.Min(range.Item2, queries.Rows); query++)
                {
                    see(query, room.Cosines[query - range.Item1], room.Scratch);
                }

                return room;
            },
            _ => { });

        float[][][] NewCosines() =>
            [.. Enumerable.Range(0, QueriesAtOnce).Select(_ => system.Cuts.Select(_ => new float[documents.Rows]).ToArray())];
    }
}
