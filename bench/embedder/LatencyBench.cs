using System.Diagnostics;
using System.Net;
using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>
/// One short text at a time over HTTP, warm and in no cache, beside raw runs of the same text: what everything else adds. By a
/// client on a blocking socket, which is next to nothing itself, and by <see cref="HttpClient"/>, which applications use. And
/// beside a request that does nothing, after a pause as long as a run: what this machine takes for any request that its client
/// has slept before.
/// </summary>
internal static class LatencyBench
{
    // Small blocks in turns: the machine's own speed drifts by more than what is measured.
    private const int BlockRuns = 20;
    private const int Blocks = 20;

    // Compiled code reaches its last tier after some thousand calls.
    private const int WarmUpRuns = 4000;
    private const string Text = "Where do I change the password of my account?";

    public static async Task RunAsync(string root, string folder, int rounds)
    {
        using var http = await HttpEmbedder.StartAsync(root, folder);
        using var plain = http.PlainClient();
        using var raw = new RawRuns(folder, [Text]);
        var body = http.Body([Text]);
        var request = plain.Post("/v1/embeddings", body);
        var alive = plain.Get("/alive");
        var buffer = new byte[64 << 10];
        List<double> rawHalf = [], rawTail = [], half = [], tail = [], inference = [], application = [], nothing = [];
        for (var i = 0; i < WarmUpRuns; i++)
        {
            plain.Exchange(request);
        }

        for (var round = -1; round < rounds; round++)
        {
            List<double> rawTimes = [], times = [], inferenceTimes = [], applicationTimes = [], nothingTimes = [];
            for (var block = 0; block < Blocks; block++)
            {
                for (var i = 0; i < BlockRuns; i++)
                {
                    rawTimes.Add(Milliseconds(raw.RunFirst));
                }

                for (var i = 0; i < BlockRuns; i++)
                {
                    times.Add(Milliseconds(() => plain.Exchange(request)));
                    inferenceTimes.Add(plain.Header("x-inference-time"));
                }

                for (var i = 0; i < BlockRuns; i++)
                {
                    applicationTimes.Add(await MillisecondsAsync(() => http.SendAsync(body, buffer)));
                }

                Thread.Sleep(TimeSpan.FromMilliseconds(rawTimes[^1]));
                nothingTimes.Add(Milliseconds(() => plain.Exchange(alive)));
            }

            if (round < 0)
            {
                // Warm now.
                continue;
            }

            rawHalf.Add(Figures.Quantile(rawTimes, 0.5));
            rawTail.Add(Figures.Quantile(rawTimes, 0.99));
            half.Add(Figures.Quantile(times, 0.5));
            tail.Add(Figures.Quantile(times, 0.99));
            inference.Add(Figures.Quantile(inferenceTimes, 0.5));
            application.Add(Figures.Quantile(applicationTimes, 0.5));
            nothing.Add(Figures.Quantile(nothingTimes, 0.5));
        }

        Figures.Print("raw run, p50", "ms", rawHalf, "F3");
        Figures.Print("raw run, p99", "ms", rawTail, "F3");
        Figures.Print("over HTTP, p50", "ms", half, "F3");
        Figures.Print("over HTTP, p99", "ms", tail, "F3");
        Figures.Print("of it the run, as the server says, p50", "ms", inference, "F3");
        Figures.Print("by HttpClient, p50", "ms", application, "F3");
        Figures.Print("a request that does nothing, p50", "ms", nothing, "F3");
        Figures.Print("added, p50", "ms", [.. half.Zip(rawHalf, (a, b) => a - b)], "F3");
        Figures.Print("added, p99", "ms", [.. tail.Zip(rawTail, (a, b) => a - b)], "F3");
        Figures.Print("added, p50, by HttpClient", "ms", [.. application.Zip(rawHalf, (a, b) => a - b)], "F3");
    }

    private static double Milliseconds(Action call)
    {
        var started = Stopwatch.GetTimestamp();
        call();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<double> MillisecondsAsync(Func<Task<HttpStatusCode>> call)
    {
        var started = Stopwatch.GetTimestamp();
        var status = await call();
        var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return status == HttpStatusCode.OK ? time : throw new InvalidOperationException("The embedder refused.");
    }
}
