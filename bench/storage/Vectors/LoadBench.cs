using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using Sutra.Storage.Hnsw;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>How soon an index on the disk answers: Sutra maps it, usearch views it, which is the same. The files are in the page cache for both.</summary>
internal static class LoadBench
{
    private const int Rounds = 7;

    /// <param name="built">How long each of Sutra's took to build in this run, if it did.</param>
    public static void Run(string root, VectorData data, IReadOnlyDictionary<string, double> built)
    {
        var peer = Peer(root, data);
        if (peer is { } figures)
        {
            Console.WriteLine($"load     usearch        view {figures.View,8:n2} ms, with the first answer {figures.ViewAndAnswer,8:n2} ms; read into memory {figures.Load,8:n1} ms, {figures.Megabytes:n0} MB");
        }

        foreach (var (name, file) in new[] { ("sutra int8", "sutra-int8.image"), ("sutra float32", "sutra-float32.image") })
        {
            if (!File.Exists(Path.Combine(data.Folder, file)))
            {
                continue;
            }

            var times = Enumerable.Range(0, Rounds + 1).Select(_ => Map(Path.Combine(data.Folder, file), data)).Skip(1).ToList();
            var (map, answer) = (Median(times.Select(time => time.Map)), Median(times.Select(time => time.Answer)));
            var beside = peer is { } one ? $", {map / one.View:n2} and {answer / one.ViewAndAnswer:n2} x usearch" : "";
            var anew = built.TryGetValue(name, out var seconds) ? $", {seconds * 1000 / answer:n0} x faster than building it" : "";
            Console.WriteLine($"load     {name,-14} map  {map,8:n2} ms, with the first answer {answer,8:n2} ms{beside}{anew}");
        }
    }

    private static unsafe (double Map, double Answer) Map(string path, VectorData data)
    {
        var started = Stopwatch.GetTimestamp();
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* address = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        try
        {
            using var graph = MappedGraph.Open(address, new FileInfo(path).Length);
            var map = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            graph.Search(data.Query(0), new HnswQuery(Ks.K) { Ef = 64 }, deleted: null, new Neighbour[Ks.K]);
            return (map, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static Figures? Peer(string root, VectorData data)
    {
        var folder = Path.Combine(root, "bench", "storage", "peer");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "usearch")))
        {
            Console.WriteLine("No peer: usearch is not there (bench/storage/peer/build.sh brings it). Its row is left out.");
            return null;
        }

        string[] arguments =
        [
            Path.Combine(folder, "usearch_peer.mjs"),
            Path.Combine(data.Folder, "base.f32"),
            Path.Combine(data.Folder, "queries.f32"),
            data.Dimension.ToString(CultureInfo.InvariantCulture),
            Path.Combine(data.Folder, "usearch.index"),
            Rounds.ToString(CultureInfo.InvariantCulture),
        ];
        using var process = Process.Start(new ProcessStartInfo("node", arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Figures>(answer, JsonSerializerOptions.Web)
            : throw new InvalidOperationException("The peer failed.");
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private sealed record Figures(double View, double ViewAndAnswer, double Load, double Megabytes);
}
