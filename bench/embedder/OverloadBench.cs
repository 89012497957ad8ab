using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>
/// Requests of one text that come when they come (seeded exponential gaps), whether or not earlier ones are answered: first at
/// a third of what the embedder can do, then at ten times what it can do, then at a third again.
/// </summary>
internal static class OverloadBench
{
    private const double Unloaded = 1.0 / 3;
    private const double Overload = 10;

    public static async Task RunAsync(string root, string folder, string[] texts, int seconds)
    {
        using var http = await HttpEmbedder.StartAsync(root, folder);
        var capacity = await http.RoundAsync(texts, clients: 32, textsPerCall: 1, calls: 16, isBulk: true);
        Figures.Say($"capacity with texts one by one: {capacity:N1} texts/s");

        var before = await PhaseAsync(http, texts, "a third of the capacity", capacity * Unloaded, Math.Max(10, seconds / 3));
        var memory = http.WorkingSet;
        var during = await PhaseAsync(http, texts, $"{Overload:N0} × the capacity", capacity * Overload, seconds);
        var after = await PhaseAsync(http, texts, "a third again, at once", capacity * Unloaded, Math.Max(10, seconds / 3));

        Figures.Say($"accepted, p99 under overload / unloaded: {during.P99 / before.P99:F2} ×; after: {after.P99 / before.P99:F2} ×");
        Figures.Say($"refused under overload: {during.Refused:P1}; before {before.Refused:P1}, after {after.Refused:P1}");
        Figures.Say($"working set: {memory / 1e6:N0} MB before, {http.WorkingSet / 1e6:N0} MB after");
    }

    private static async Task<(double P99, double Refused)> PhaseAsync(HttpEmbedder http, string[] texts, string name, double rate, int seconds)
    {
        var random = new Random(7);
        var bodies = texts.Select(text => http.Body([text])).ToArray();
        var answers = new ConcurrentBag<(HttpStatusCode Status, double Milliseconds)>();
        var running = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        for (var due = 0.0; due < seconds; due -= Math.Log(1 - random.NextDouble()) / rate)
        {
            var wait = TimeSpan.FromSeconds(due) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait);
            }

            var body = bodies[random.Next(bodies.Length)];
            running.Add(Task.Run(async () =>
            {
                var began = Stopwatch.GetTimestamp();
                answers.Add((await http.SendAsync(body, new byte[8 << 10]), Stopwatch.GetElapsedTime(began).TotalMilliseconds));
            }));
        }

        await Task.WhenAll(running);
        var ok = answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Milliseconds).ToArray();
        var refused = answers.Count(answer => answer.Status == HttpStatusCode.TooManyRequests);
        if (ok.Length + refused < answers.Count)
        {
            throw new InvalidOperationException($"Neither answered nor refused: {answers.Count - ok.Length - refused}.");
        }

        Figures.Say($"{name}: {answers.Count / (double)seconds:N0} requests/s for {seconds} s, {ok.Length} accepted (p50 {Figures.Quantile(ok, 0.5):N1} ms, p99 {Figures.Quantile(ok, 0.99):N1} ms), {refused} refused");
        return (Figures.Quantile(ok, 0.99), (double)refused / answers.Count);
    }
}
