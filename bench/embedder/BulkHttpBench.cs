using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>Batches of 64 short texts over HTTP, from a few clients on the same machine.</summary>
internal static class BulkHttpBench
{
    private const int Rounds = 5;
    private const int Clients = 4;
    private const int TextsPerCall = 64;
    private const int CallsPerClient = 150;

    public static async Task RunAsync(string root, string folder, string[] texts)
    {
        using var http = await HttpEmbedder.StartAsync(root, folder);
        await http.RoundAsync(texts, Clients, TextsPerCall, CallsPerClient);
        var rates = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            rates.Add(await http.RoundAsync(texts, Clients, TextsPerCall, CallsPerClient));
        }

        Figures.Print($"over HTTP, {Clients} clients, batches of {TextsPerCall}", "texts/s", rates, "N0");
    }
}
