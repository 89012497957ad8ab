using System.Diagnostics;
using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>A mixture of calls for a long time: every length of text, every size of batch. Memory must not grow.</summary>
internal static class SoakBench
{
    private const int Clients = 4;
    private static readonly int[] Sizes = [1, 1, 1, 2, 4, 8, 16, 64];

    public static async Task RunAsync(string root, string folder, string[] texts, TimeSpan length)
    {
        using var http = await HttpEmbedder.StartAsync(root, folder);
        var started = Stopwatch.GetTimestamp();
        long calls = 0, embedded = 0;
        using var done = new CancellationTokenSource(length);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            var buffer = new byte[64 << 10];
            while (!done.IsCancellationRequested)
            {
                var size = Sizes[random.Next(Sizes.Length)];
                await http.SendAsync(http.Body(Enumerable.Range(0, size).Select(_ => Shorten(texts[random.Next(texts.Length)], random))), buffer);
                Interlocked.Increment(ref calls);
                Interlocked.Add(ref embedded, size);
            }
        })).ToArray();

        var step = length / 12;
        while (!done.IsCancellationRequested)
        {
            await Task.Delay(step);
            Figures.Say($"{Stopwatch.GetElapsedTime(started):hh\\:mm\\:ss}  {calls:N0} calls, {embedded:N0} texts, working set {http.WorkingSet / 1e6:N0} MB");
        }

        await Task.WhenAll(clients);
    }

    // Ever new lengths, so that ever new shapes are run.
    private static string Shorten(string text, Random random) => text[..random.Next(Math.Min(8, text.Length), text.Length + 1)];
}
