using System.Diagnostics;
using System.Net;
using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>
/// One short text at a time over HTTP, warm and in no cache, beside raw runs of the same text: what everything else adds. And
/// beside a request that does nothing, after a pause as long as a run: what this machine takes for any request that its client
/// has slept before.
/// </summary>
internal static class LatencyBench
{
    private const int Runs = 400;
    private const int Rounds = 5;
    private const string Text = "Where do I change the password of my account?";

    public static async Task RunAsync(string root, string folder)
    {
        using var http = await HttpEmbedder.StartAsync(root, folder);
        var body = http.Body([Text]);
        var buffer = new byte[64 << 10];
        await MeasureAsync(http, body, buffer);
        List<double> rawHalf = [], rawTail = [], half = [], tail = [], nothing = [];
        for (var round = 0; round < Rounds; round++)
        {
            var raw = RawRuns.Single(folder, Text, Runs + 50)[50..];
            var whole = await MeasureAsync(http, body, buffer);
            rawHalf.Add(Figures.Quantile(raw, 0.5));
            rawTail.Add(Figures.Quantile(raw, 0.99));
            half.Add(Figures.Quantile(whole, 0.5));
            tail.Add(Figures.Quantile(whole, 0.99));
            nothing.Add(Figures.Quantile(await http.NothingAsync(Runs / 2, TimeSpan.FromMilliseconds(rawHalf[^1])), 0.5));
        }

        Figures.Print("raw run, p50", "ms", rawHalf, "F3");
        Figures.Print("raw run, p99", "ms", rawTail, "F3");
        Figures.Print("over HTTP, p50", "ms", half, "F3");
        Figures.Print("over HTTP, p99", "ms", tail, "F3");
        Figures.Print("a request that does nothing, p50", "ms", nothing, "F3");
        Figures.Print("added, p50", "ms", [.. half.Zip(rawHalf, (a, b) => a - b)], "F3");
        Figures.Print("added, p99", "ms", [.. tail.Zip(rawTail, (a, b) => a - b)], "F3");
    }

    private static async Task<double[]> MeasureAsync(HttpEmbedder http, byte[] body, byte[] buffer)
    {
        var times = new double[Runs];
        for (var i = 0; i < Runs; i++)
        {
            var started = Stopwatch.GetTimestamp();
            if (await http.SendAsync(body, buffer) != HttpStatusCode.OK)
            {
                throw new InvalidOperationException("The embedder refused.");
            }

            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        return times;
    }
}
