using System.Diagnostics;
using Sutra.Storage.Concepts;

namespace Sutra.Bench.Storage;

/// <summary>Durable learns: 256 dimensions, 300 characters, six pairs of metadata, one concept a call, each client waits for its answer.</summary>
internal static class LearnBench
{
    public const string Model = "bench";
    private static int _next;

    public static async Task RunAsync(string way, int clients, Func<NewConcept, Task> learn)
    {
        await RunForAsync(clients, TimeSpan.FromSeconds(1), learn);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var times = await RunForAsync(clients, TimeSpan.FromSeconds(4), learn);
        var seconds = watch.Elapsed.TotalSeconds;
        var cpuShare = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / times.Count;
        Console.WriteLine($"durable learns {way}, {clients,2} clients: {times.Count / seconds,7:n0}/s, p50 {Percentile.Of(times, 0.5) / 1000:n2} ms, p99 {Percentile.Of(times, 0.99) / 1000:n2} ms, {cpuShare:n0} us CPU each in this process");
    }

    public static NewConcept Concept(Random random, int number)
    {
        var vector = new float[256];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)random.NextDouble() - 0.5f;
        }

        var metadata = new Dictionary<string, string>
        {
            ["source"] = "finance", ["company"] = "Acme", ["date"] = $"2026-01-{number % 28 + 1:d2}", ["data_type"] = "daily_ohlcv", ["price_open"] = "101.25", ["price_close"] = "102.75",
        };
        return new NewConcept($"concept {number} ".PadRight(300, 'x'), metadata, vector, [], Model);
    }

    private static async Task<List<double>> RunForAsync(int clients, TimeSpan duration, Func<NewConcept, Task> learn)
    {
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            var times = new List<double>();
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < duration)
            {
                var concept = Concept(random, Interlocked.Increment(ref _next));
                var started = Stopwatch.GetTimestamp();
                await learn(concept);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }

            return times;
        })));
        return [.. all.SelectMany(times => times)];
    }
}
