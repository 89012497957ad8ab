using System.Numerics.Tensors;
using Sutra.Storage.Hnsw;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>What deletes and equal vectors do to recall and reachability, on the first 20,000 rows. Judged by score, so any of equal rows counts.</summary>
internal static class ChangesBench
{
    private const int Rows = 20_000;
    private const int Queries = 200;
    private const int Copies = 2000;

    public static void Run(VectorData data)
    {
        var rows = Enumerable.Range(0, Math.Min(Rows, data.Count / 2)).ToList();
        using var changed = Build(data, rows);
        for (var at = 0; at < rows.Count; at += 2)
        {
            changed.Delete((uint)at);
            rows[at] += rows.Count;
            changed.Add(data.Row(rows[at]));
        }

        using var fresh = Build(data, rows);
        Report("fresh", data, fresh, rows);
        Report("half deleted, others added", data, changed, rows);
        rows.AddRange(Enumerable.Repeat(5, Copies));
        using var copies = Build(data, rows);
        Report($"with {Copies} copies of a row", data, copies, rows);
    }

    private static HnswIndex Build(VectorData data, List<int> rows)
    {
        var index = new HnswIndex(new HnswOptions { Dimension = data.Dimension });
        rows.ForEach(row => index.Add(data.Row(row)));
        return index;
    }

    private static void Report(string name, VectorData data, HnswIndex index, List<int> rows)
    {
        var results = new Neighbour[Ks.K];
        foreach (var ef in new[] { 32, 64 })
        {
            var hits = 0;
            for (var query = 0; query < Queries; query++)
            {
                var found = index.Search(data.Query(query), new HnswQuery(Ks.K) { Ef = ef }, results);
                var number = query;
                var threshold = rows.Select(row => TensorPrimitives.Dot(data.Query(number), data.Row(row))).OrderDescending().ElementAt(Ks.K - 1) - 1e-6f;
                hits += results.Take(found).Count(hit => hit.Score >= threshold);
            }

            Console.WriteLine($"changes  {name}: recall@10 {hits / (double)(Queries * Ks.K):n4} at ef {ef}, unreachable before any repair {index.CountUnreachable()}");
        }
    }
}
