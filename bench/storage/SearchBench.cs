using System.Diagnostics;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Telemetry;

namespace Sutra.Bench.Storage;

/// <summary>Search, one query at a time, and what it takes to start with that many concepts.</summary>
internal static class SearchBench
{
    public static async Task RunAsync(string path, int count)
    {
        using (var telemetry = new StorageTelemetry())
        using (var engine = Open(path, telemetry))
        {
            var watch = Stopwatch.StartNew();
            var random = new Random(1);
            foreach (var chunk in Enumerable.Range(0, count).Select(i => LearnBench.Concept(random, i)).Chunk(1000))
            {
                await Task.WhenAll(chunk.Select(concept => engine.LearnAsync(concept)));
            }

            Console.WriteLine($"{count:n0} learned, 1000 at a time: {count / watch.Elapsed.TotalSeconds:n0}/s");
        }

        var start = Stopwatch.StartNew();
        using var reopenedTelemetry = new StorageTelemetry();
        using var reopened = Open(path, reopenedTelemetry);
        Console.WriteLine($"{count:n0} x 256: start (replay of {reopened.Recovery.Bytes / 1e6:n0} MB) {start.Elapsed.TotalMilliseconds:n0} ms");
        var queries = new Random(2);
        foreach (var topK in new[] { 10, 1000 })
        {
            var times = new List<double>();
            for (var i = 0; i < 300; i++)
            {
                var query = LearnBench.Concept(queries, 0).Embedding;
                var started = Stopwatch.GetTimestamp();
                reopened.Search(query.Span, LearnBench.Model, topK);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }

            times.RemoveRange(0, 50);
            Console.WriteLine($"{count:n0} x 256: search, top {topK}: p50 {Percentile.Of(times, 0.5) / 1000:n3} ms, p99 {Percentile.Of(times, 0.99) / 1000:n3} ms");
        }
    }

    private static ConceptEngine Open(string path, StorageTelemetry telemetry) =>
        ConceptEngine.Open(new DiskFileSystem(), new EngineOptions { DataPath = path }, TimeProvider.System, telemetry);
}
