using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Sutra.Bench.Storage.Vectors;
using Sutra.Storage.Engine;
using Sutra.Storage.Filtering;

namespace Sutra.Bench.Storage;

/// <summary>
/// Searches of the whole engine with filters on metadata: of a share of all concepts, at random or whole clusters, as by a topic; beside an exact scan
/// of what is allowed in the same process, which is told which rows those are.
/// </summary>
internal static class EngineFilters
{
    public const string RandomKey = "random";
    public const string ClustersKey = "clusters";

    private const int TopK = 10;
    private const int Queries = 200;
    private const int Rounds = 3;

    // As many values as the smallest share needs.
    private const int Buckets = 1000;

    /// <summary>Where each row stands when all are shuffled, and when they are sorted by cluster.</summary>
    public static (int[] Random, int[] Clusters) Ranks(VectorData data, int rows)
    {
        var shuffled = Enumerable.Range(0, rows).ToArray();
        new Random(11).Shuffle(shuffled);
        return (Inverse(shuffled), Inverse([.. Enumerable.Range(0, rows).OrderBy(row => data.Cluster[row]).ThenBy(row => row)]));
    }

    public static string Bucket(int rank, int rows) => (rank * (long)Buckets / rows).ToString(CultureInfo.InvariantCulture);

    public static void Run(ConceptEngine engine, VectorData data, int rows, (int[] Random, int[] Clusters) ranks, string model)
    {
        foreach (var (key, rank) in new[] { (RandomKey, ranks.Random), (ClustersKey, ranks.Clusters) })
        {
            foreach (var share in new[] { 0.5, 0.1, 0.01, 0.001 })
            {
                var allowed = Enumerable.Range(0, rows).Where(row => rank[row] * (long)Buckets / data.Count < Buckets * share).ToArray();
                var filter = new RangeFilter(key) { Lt = (Buckets * share).ToString(CultureInfo.InvariantCulture) };
                if (engine.Count(filter) != allowed.Length)
                {
                    throw new InvalidOperationException($"{engine.Count(filter)} pass, not {allowed.Length}");
                }

                Run(engine, data, allowed, filter, $"{share:p1} {key}", model);
            }
        }
    }

    private static void Run(ConceptEngine engine, VectorData data, int[] allowed, RangeFilter filter, string name, string model)
    {
        var count = Math.Min(Queries, data.QueryCount);
        var truth = new int[count][];
        var (exact, warm, cold) = (new List<double>(), new List<double>(), new List<double>());
        var hits = 0;
        for (var round = 0; round < Rounds; round++)
        {
            hits = 0;
            for (var query = 0; query < count; query++)
            {
                // At half of all rows it takes some tens of milliseconds: once is enough.
                if (round == 0 || allowed.Length <= data.Count / 10)
                {
                    exact.Add(Time(() => truth[query] = Scan(data, query, allowed)));
                }

                // A filter that was asked before is remembered; one that differs is worked out.
                var other = filter with { Gte = (-1 - query - (round * count)).ToString(CultureInfo.InvariantCulture) };
                cold.Add(Time(() => engine.Search(data.Query(query), model, TopK, other)));
                warm.Add(Time(() => hits += engine.Search(data.Query(query), model, TopK, filter)
                    .Count(hit => truth[query].Contains(int.Parse(hit.Concept.Read(withEmbedding: false).Metadata["row"], CultureInfo.InvariantCulture)))));
            }
        }

        var (scan, again, first) = (Percentile.Of(exact, 0.5), Percentile.Of(warm, 0.5), Percentile.Of(cold, 0.5));
        Console.WriteLine(
            $"filter {name,-16} recall@{TopK} {hits / (double)(count * Math.Min(TopK, allowed.Length)):n4}, {again,7:n3} ms ({first:n3} with a filter never asked before, p99 {Percentile.Of(warm, 0.99):n3}); exact scan {scan,7:n3} ms: {scan / again:n1} x");
    }

    private static double Time(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static int[] Scan(VectorData data, int query, int[] allowed)
    {
        var (scores, rows) = (new float[TopK], new int[TopK]);
        Array.Fill(scores, float.NegativeInfinity);
        var vector = data.Query(query);
        foreach (var row in allowed)
        {
            var score = TensorPrimitives.Dot(vector, data.Row(row));
            if (score <= scores[^1])
            {
                continue;
            }

            var at = TopK - 1;
            for (; at > 0 && scores[at - 1] < score; at--)
            {
                (scores[at], rows[at]) = (scores[at - 1], rows[at - 1]);
            }

            (scores[at], rows[at]) = (score, row);
        }

        return rows[..Math.Min(TopK, allowed.Length)];
    }

    private static int[] Inverse(int[] order)
    {
        var ranks = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            ranks[order[i]] = i;
        }

        return ranks;
    }
}
