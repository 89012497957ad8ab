using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Tokenization.Reference;

namespace Sutra.Bench.Embedder;

/// <summary>Megabytes of UTF-8 a second on one thread, kind by kind, in turns with Hugging Face's own tokenizers in Node.</summary>
internal static class TokenizerBench
{
    private const int MaxTokens = 512;
    private static readonly TimeSpan RoundLength = TimeSpan.FromSeconds(1);

    /// <param name="part">Only kinds whose name has this in it; case does not matter.</param>
    /// <param name="withPeer">Whether Hugging Face's tokenizers take their turns; without them a round takes a second.</param>
    public static async Task RunAsync(string root, int rounds, string part, bool withPeer)
    {
        // The project's own documents, a line a text.
        string[] lines = [.. Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines).Where(line => line.Length > 0)];
        var megabytes = lines.Sum(line => (double)Encoding.UTF8.GetByteCount(line)) / 1e6;
        var folder = Directory.CreateTempSubdirectory("tokenizer-bench").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "lines.json"), JsonSerializer.Serialize(lines));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lines.Length} lines, {megabytes * 1000:F0} kB; MB/s on one thread, medians of {rounds}"));

        var kinds = TokenizerKinds.All.Select(kind => (Name: kind.Key, Make: (Func<string>)(() => kind.Value().ToJsonString())))
            .Append(("The built-in model", () => File.ReadAllText(Path.Combine(root, "models", "sutra-static", "tokenizer.json"))));
        foreach (var (kind, make) in kinds.Where(kind => kind.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            var path = Path.Combine(folder, "tokenizer.json");
            await File.WriteAllTextAsync(path, make());
            var tokenizer = TextTokenizer.Load(path);
            Round(tokenizer, lines);
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                ours.Add(megabytes * Round(tokenizer, lines));
                if (withPeer)
                {
                    theirs.Add(megabytes * await NodeRoundAsync(root, path, Path.Combine(folder, "lines.json")));
                }
            }

            var us = Median(ours);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-50} {us,6:F1}") + (withPeer
                ? string.Create(CultureInfo.InvariantCulture, $"   Hugging Face {Median(theirs),6:F1}   ratio {us / Median(theirs):F1}")
                : ""));
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <returns>Times a second that all lines were read.</returns>
    private static double Round(TextTokenizer tokenizer, string[] lines)
    {
        using var tokens = new TokenBuffer();
        var started = Stopwatch.GetTimestamp();
        var times = 0;
        for (; Stopwatch.GetElapsedTime(started) < RoundLength; times++)
        {
            foreach (var line in lines)
            {
                tokens.CutTo(0);
                tokenizer.Encode(line, MaxTokens, tokens);
            }
        }

        return times / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> NodeRoundAsync(string root, string tokenizer, string lines)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(root, "eng", "node", "tests", "tokenizer-speed.mjs"));
        start.ArgumentList.Add(tokenizer);
        start.ArgumentList.Add(lines);
        start.Environment["TOKENIZERS_PARALLELISM"] = "false";
        start.Environment["UV_THREADPOOL_SIZE"] = "1";
        using var node = Process.Start(start)!;
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
