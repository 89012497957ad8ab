using System.Diagnostics;
using System.Globalization;
using Sutra.Bench.Storage.Vectors;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Bench.Storage;

/// <summary>
/// The whole engine on real vectors: durable learns while segments and graphs are built beside them, searches meanwhile and afterwards, starts
/// after an orderly stop and after a stop without one.
/// </summary>
internal static class EngineBench
{
    private const string Model = "bench";
    private const int Clients = 8;
    private const int Rounds = 5;
    private const int TopK = 10;

    // Of pgvector with its HNSW index and fsync on, one row a call, 8 clients: ../shared/reference/vector-storage.md.
    private const double PgvectorRows = 261;

    /// <param name="arguments">The data folder; --folder FOLDER, where to store; --keep FOLDER, where to store and leave it: what is there already is not
    /// learned again; --rows N, of those in the data; --parts start,filters, beside learning.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var data = new VectorData(arguments[0]);
        var rows = Math.Min(data.Count, int.Parse(Option("--rows", $"{data.Count}"), CultureInfo.InvariantCulture));
        var root = Directory.CreateDirectory(Path.Combine(Option("--folder", Path.GetTempPath()), $"sutra-bench-{Environment.ProcessId}"));
        Console.WriteLine($"{rows:n0} x {data.Dimension}, {Clients} clients, one concept a call, {Environment.ProcessorCount} cores");
        try
        {
            DiskBench.Run(Path.Combine(root.FullName, "flush"));
            var path = Option("--keep", Path.Combine(root.FullName, "data"));
            var parts = Option("--parts", "start,filters").Split(',');
            if (!Directory.Exists(path))
            {
                await LearnAsync(path, data, rows, parts.Contains("filters", StringComparer.Ordinal));
            }

            for (var round = 0; round < Rounds && parts.Contains("start", StringComparer.Ordinal); round++)
            {
                Start(path, data, rows, clean: true, root.FullName);
            }

            if (parts.Contains("start", StringComparer.Ordinal))
            {
                Start(path, data, rows, clean: false, root.FullName);
            }
        }
        finally
        {
            root.Delete(recursive: true);
        }

        string Option(string name, string otherwise) => Array.IndexOf(arguments, name) is var at and >= 0 ? arguments[at + 1] : otherwise;
    }

    private static async Task LearnAsync(string path, VectorData data, int rows, bool filters)
    {
        using var telemetry = new StorageTelemetry();
        using var engine = Open(path, telemetry);
        var times = new List<double>();
        using var stop = new CancellationTokenSource();
        var ranks = EngineFilters.Ranks(data, rows);
        var watch = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            for (var row = Interlocked.Increment(ref next); row < rows; row = Interlocked.Increment(ref next))
            {
                var started = Stopwatch.GetTimestamp();
                await engine.LearnAsync(Concept(data, row, ranks));
                var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                lock (times)
                {
                    times.Add(took);
                }
            }
        })));
        var learned = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"learned durably   {rows / learned,8:n0}/s ({rows / learned / PgvectorRows:n1} x pgvector), p50 {Percentile.Of(times, 0.5):n2} ms, p99 {Percentile.Of(times, 0.99):n2} ms");
        while (engine.Statistics.VectorBytes > 4L * data.Dimension * 8_192 || !engine.IsSettled)
        {
            await Task.Delay(20);
        }

        var settled = watch.Elapsed.TotalSeconds;
        var spent = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        Console.WriteLine($"with its graphs   {rows / settled,8:n0}/s ({rows / settled / PgvectorRows:n1} x pgvector), {spent:n0} s CPU; {engine.Statistics}");
        Search(engine, data, rows, "settled");
        if (filters)
        {
            EngineFilters.Run(engine, data, rows, ranks, Model);
        }
    }

    private static void Start(string path, VectorData data, int rows, bool clean, string root)
    {
        var copy = path;
        if (!clean)
        {
            // What a kill leaves: the files as they are, without the mark of an orderly stop. The copy is cold to nobody.
            copy = Path.Combine(root, "killed");
            Process.Start("cp", ["-r", path, copy])!.WaitForExit();
            foreach (var log in Directory.GetFiles(Path.Combine(copy, "log")).Order().TakeLast(1))
            {
                using var file = new FileStream(log, FileMode.Open);
                file.SetLength(file.Length - 24);
            }
        }

        using var telemetry = new StorageTelemetry();
        var watch = Stopwatch.StartNew();
        using var engine = Open(copy, telemetry);
        var opened = watch.Elapsed.TotalMilliseconds;
        engine.Search(data.Query(0), Model, TopK);
        var statistics = engine.Statistics;
        Console.WriteLine(
            $"start, {(clean ? "clean " : "killed")}     {opened,8:n0} ms, first answer after {watch.Elapsed.TotalMilliseconds:n0} ms; {engine.Recovery.Records:n0} records replayed, {(statistics.SegmentBytes + statistics.LogBytes) / 1e6:n0} MB");
        if (statistics.Concepts != rows)
        {
            throw new InvalidOperationException($"{statistics.Concepts} concepts, not {rows}");
        }
    }

    private static void Search(ConceptEngine engine, VectorData data, int rows, string when)
    {
        var recall = 0;
        var times = new List<double>();
        for (var round = 0; round < 2; round++)
        {
            times.Clear();
            recall = 0;
            for (var query = 0; query < data.QueryCount; query++)
            {
                var started = Stopwatch.GetTimestamp();
                var hits = engine.Search(data.Query(query), Model, TopK);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                var truth = data.Truth(query, TopK).ToArray();
                recall += hits.Count(hit => truth.Contains(int.Parse(hit.Concept.Read(withEmbedding: false).Metadata["row"], CultureInfo.InvariantCulture)));
            }
        }

        var share = rows == data.Count ? $"recall@{TopK} {recall / (double)(data.QueryCount * TopK):n4}, " : "";
        Console.WriteLine($"search, {when}   {share}p50 {Percentile.Of(times, 0.5):n3} ms, p99 {Percentile.Of(times, 0.99):n3} ms, {1000 / times.Average():n0}/s on one thread");
    }

    private static NewConcept Concept(VectorData data, int row, (int[] Random, int[] Clusters) ranks) => new(
        $"concept {row} ".PadRight(300, 'x'),
        new Dictionary<string, string>
        {
            ["row"] = row.ToString(CultureInfo.InvariantCulture),
            ["source"] = "bench",
            [EngineFilters.RandomKey] = EngineFilters.Bucket(ranks.Random[row], data.Count),
            [EngineFilters.ClustersKey] = EngineFilters.Bucket(ranks.Clusters[row], data.Count),
        },
        data.Row(row).ToArray(),
        [],
        Model);

    private static ConceptEngine Open(string path, StorageTelemetry telemetry) =>
        ConceptEngine.Open(new DiskFileSystem(), new EngineOptions { DataPath = path }, TimeProvider.System, telemetry);
}
