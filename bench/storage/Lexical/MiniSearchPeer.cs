using System.Diagnostics;
using System.Text.Json;

namespace Sutra.Bench.Storage.Lexical;

/// <summary>minisearch in Node.js on the same texts and questions, without its prefixes and fuzziness.</summary>
internal static class MiniSearchPeer
{
    // It gives a few dozen answers a second.
    private const int Questions = 20;

    public static void Run(string root, string[] texts, List<(string Name, string[] Queries)> kinds, int topK)
    {
        var folder = Path.Combine(root, "bench", "storage", "peer");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "minisearch")))
        {
            Console.WriteLine("No peer: minisearch is not there (bench/storage/peer/build.sh brings it). Its rows are left out.");
            return;
        }

        var input = Path.GetTempFileName();
        try
        {
            File.WriteAllText(input, JsonSerializer.Serialize(new { texts, kinds = kinds.Select(kind => new { name = kind.Name, queries = kind.Queries.Take(Questions) }), rounds = 3, topK }));
            var start = new ProcessStartInfo("node", ["--max-old-space-size=12000", Path.Combine(folder, "minisearch_peer.mjs"), input]) { UseShellExecute = false };
            using var process = Process.Start(start)!;
            process.WaitForExit();
        }
        finally
        {
            File.Delete(input);
        }
    }
}
