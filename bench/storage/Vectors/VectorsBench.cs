using System.Globalization;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>Sutra's vector index and hnswlib on the same raw files, taking turns: M = 16, ef_construction = 200, ten nearest, one query thread.</summary>
internal static class VectorsBench
{
    private const int Rounds = 7;
    private const int FilterEf = 64;

    /// <param name="arguments">The data folder; --parts build,search,load,filters,changes; --engines int8,float32,hnswlib; --threads 1 (of the build).</param>
    /// <param name="root">Of the repository.</param>
    public static void Run(string[] arguments, string root)
    {
        var data = new VectorData(arguments[0]);
        var parts = Option("--parts", "build,search,load,filters,changes").Split(',');
        var names = Option("--engines", "int8,float32,hnswlib").Split(',');
        var threads = int.Parse(Option("--threads", "1"), CultureInfo.InvariantCulture);
        Console.WriteLine($"{data.Count:n0} x {data.Dimension}, {data.QueryCount} queries, M 16, ef_construction 200, {Ks.K} nearest, one query thread, build with {threads}");
        var engines = new List<IVectorEngine?>
        {
            names.Contains("int8") ? new SutraEngine(data, codes: true) : null,
            names.Contains("float32") ? new SutraEngine(data, codes: false) : null,
            names.Contains("hnswlib") ? HnswlibEngine.Start(root, data) : null,
        }.OfType<IVectorEngine>().ToList();
        try
        {
            var built = Build(engines, threads, reuse: !parts.Contains("build"));
            if (parts.Contains("search"))
            {
                Search(data, engines);
            }

            if (parts.Contains("load"))
            {
                LoadBench.Run(root, data, built);
            }

            if (parts.Contains("filters"))
            {
                Filters(data, engines);
            }

            if (parts.Contains("changes"))
            {
                ChangesBench.Run(data);
            }
        }
        finally
        {
            engines.ForEach(engine => engine.Dispose());
        }

        string Option(string name, string otherwise) => Array.IndexOf(arguments, name) is var at and >= 0 ? arguments[at + 1] : otherwise;
    }

    // Seconds by name, of what was built.
    private static Dictionary<string, double> Build(List<IVectorEngine> engines, int threads, bool reuse)
    {
        var built = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var engine in engines)
        {
            if (engine.Build(threads, reuse) is { } figures)
            {
                built[engine.Name] = figures.WallSeconds;
                Console.WriteLine($"build    {engine.Name,-14} {figures.WallSeconds,7:n1} s wall, {figures.CpuSeconds,7:n1} s CPU, {figures.Resident,6:n0} bytes a vector resident ({figures.WithVectors:n0} with float32 rows)");
            }
            else
            {
                Console.WriteLine($"build    {engine.Name,-14} taken from an earlier run");
            }
        }

        return built;
    }

    private static void Search(VectorData data, List<IVectorEngine> engines)
    {
        foreach (var target in new[] { 0.95, 0.99 })
        {
            var efs = engines.ConvertAll(engine => SmallestEf(data, engine, target));
            var passes = engines.ConvertAll(_ => new List<Pass>());
            for (var round = 0; round < Rounds; round++)
            {
                for (var i = 0; i < engines.Count; i++)
                {
                    passes[i].Add(engines[i].Search(data.QueryCount, efs[i], filter: null));
                }
            }

            var peer = engines.FindIndex(engine => engine is HnswlibEngine);
            for (var i = 0; i < engines.Count; i++)
            {
                var ratio = peer < 0 ? "" : $", {Cpu(passes[peer], data.QueryCount) / Cpu(passes[i], data.QueryCount):n2} x hnswlib";
                Console.WriteLine($"recall {target:n2} {engines[i].Name,-14} ef {efs[i],4}, recall@10 {Recall(passes[i][0].Ids, data.QueryCount, query => data.Truth(query, Ks.K)):n4}, {Speed(passes[i], data.QueryCount)}{ratio}");
            }
        }
    }

    private static void Filters(VectorData data, List<IVectorEngine> engines)
    {
        foreach (var correlated in new[] { false, true })
        {
            foreach (var share in new[] { 0.5, 0.1, 0.01, 0.001 })
            {
                // hnswlib takes 50 ms a query at 0.1 %, the others some microseconds: too short to time a hundred of.
                var queries = Math.Min(data.QueryCount, 100);
                var filter = new Filter(data, share, correlated);
                var truth = Enumerable.Range(0, queries).Select(query => filter.Truth(query, Ks.K).Select(row => (int)row).ToArray()).ToArray();
                var many = filter.Count <= 2000 ? data.QueryCount : queries;
                var ways = engines.ConvertAll<(string Name, int Queries, Func<int, Pass> Run)>(engine =>
                    (engine.Name, engine is HnswlibEngine ? queries : many, count => engine.Search(count, FilterEf, filter)));
                if (engines.OfType<HnswlibEngine>().FirstOrDefault() is { } peer)
                {
                    ways.Add(("exact scan", many, count => peer.Scan(count, filter)));
                }

                // The JIT compiles what it sees often once more, in the background.
                ways.ForEach(way => way.Run(way.Queries));
                ways.ForEach(way => way.Run(way.Queries));
                var passes = ways.ConvertAll(_ => new List<Pass>());
                for (var round = 0; round < 5; round++)
                {
                    for (var i = 0; i < ways.Count; i++)
                    {
                        passes[i].Add(ways[i].Run(ways[i].Queries));
                    }
                }

                var better = ways.Select((way, i) => way.Name is "hnswlib" or "exact scan" ? 1 / Cpu(passes[i], way.Queries) : 0).Max();
                for (var i = 0; i < ways.Count; i++)
                {
                    var ratio = better == 0 ? "" : $", {1 / Cpu(passes[i], ways[i].Queries) / better:n2} x the better of hnswlib and scan";
                    Console.WriteLine($"filter {filter.Name,-16} {ways[i].Name,-14} recall@10 {Recall(passes[i][0].Ids, queries, query => truth[query]):n4}, {Speed(passes[i], ways[i].Queries)}{ratio}");
                }
            }
        }
    }

    private static int SmallestEf(VectorData data, IVectorEngine engine, double target)
    {
        var (low, high) = (Ks.K, 20);
        while (high < 5000 && RecallAt(high) < target)
        {
            (low, high) = (high, high * 2);
        }

        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = RecallAt(middle) < target ? (middle + 1, high) : (low, middle);
        }

        return low;

        double RecallAt(int ef) => Recall(engine.Search(data.QueryCount, ef, filter: null).Ids, data.QueryCount, query => data.Truth(query, Ks.K));
    }

    private delegate ReadOnlySpan<int> TruthOf(int query);

    private static double Recall(uint[] ids, int queries, TruthOf truth)
    {
        var hits = 0;
        for (var query = 0; query < queries; query++)
        {
            foreach (var row in truth(query))
            {
                hits += ids.AsSpan(query * Ks.K, Ks.K).Contains((uint)row) ? 1 : 0;
            }
        }

        return hits / (double)(queries * Ks.K);
    }

    // Microseconds a query. Ratios are of these: all run on one thread, and another process may have had the core.
    private static double Cpu(List<Pass> passes, int queries) => passes.Select(pass => pass.CpuSeconds / queries * 1e6).Order().ElementAt(passes.Count / 2);

    private static string Speed(List<Pass> passes, int queries)
    {
        var speeds = passes.Select(pass => queries / pass.WallSeconds).Order().ToList();
        return $"{speeds[speeds.Count / 2],8:n0} QPS ({speeds[0]:n0} to {speeds[^1]:n0}), {Cpu(passes, queries):n1} us CPU a query";
    }
}
