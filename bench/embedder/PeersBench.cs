using Sutra.Bench.Embedder.Rigs;

namespace Sutra.Bench.Embedder;

/// <summary>
/// The embedder in process and over HTTP, the floor, and the peer, in turn in every round, on the same files and texts; ratios
/// are taken round by round. The peer's large batches are slow: they run on every fourth text.
/// </summary>
internal static class PeersBench
{
    private const int Clients = 32;
    private const int TextsPerCall = 16;
    // Every text once a round: what is asked for twice at the same time is made once, which would flatter.
    private const int CallsPerClient = 1;

    public static async Task RunAsync(string root, string folder, string textsFile, string[] texts, int rounds)
    {
        using var floor = new RawRuns(folder, texts);
        using var engine = new InProcess(folder);
        using var http = await HttpEmbedder.StartAsync(root, folder);
        using var peer = await TransformersPeer.StartAsync(root, folder, textsFile, texts.Length);
        var fewFile = Path.GetTempFileName();
        var few = texts.Where((_, i) => i % 4 == 0).ToArray();
        await File.WriteAllTextAsync(fewFile, System.Text.Json.JsonSerializer.Serialize(few));
        using var peerOnFew = peer is null ? null : await TransformersPeer.StartAsync(root, folder, fewFile, few.Length);
        Figures.Say($"{Environment.ProcessorCount} cores; {texts.Length} texts, {floor.Tokens} tokens; floor: {(floor.IsOneByOne ? "one text a run" : "packed up to 256 tokens, padding up to 10 %")}");

        await CheckAsync(engine, peer, texts);
        List<double> raw = [], inProcess = [], overHttp = [], one = [], eight = [], thirtyTwo = [];
        for (var round = -1; round < rounds; round++)
        {
            var (r, e, h) = (floor.Round(), await engine.RoundAsync(texts), await http.RoundAsync(texts, Clients, TextsPerCall, CallsPerClient));
            var p1 = peer is null ? 0 : await peer.RoundAsync(1);
            var p8 = peerOnFew is null || round < 0 ? 0 : await peerOnFew.RoundAsync(8);
            var p32 = peerOnFew is null || round < 0 ? 0 : await peerOnFew.RoundAsync(32);
            if (round < 0)
            {
                continue; // Everybody's first round warms up.
            }

            raw.Add(r);
            inProcess.Add(e);
            overHttp.Add(h);
            one.Add(p1);
            eight.Add(p8);
            thirtyTwo.Add(p32);
        }

        File.Delete(fewFile);
        Figures.Print("floor: raw runs, one thread a core", "texts/s", raw);
        Figures.Print("in process", "texts/s", inProcess);
        Figures.Print($"over HTTP, {Clients} clients of {TextsPerCall} texts", "texts/s", overHttp);
        Figures.PrintRatio("in process / floor", inProcess, raw);
        Figures.PrintRatio("over HTTP / floor", overHttp, raw);
        if (peer is null)
        {
            return;
        }

        Figures.Print("@huggingface/transformers, batch 1", "texts/s", one);
        Figures.Print("@huggingface/transformers, batch 8", "texts/s", eight);
        Figures.Print("@huggingface/transformers, batch 32", "texts/s", thirtyTwo);
        var best = one.Zip(eight, Math.Max).Zip(thirtyTwo, Math.Max).ToList();
        Figures.PrintRatio("in process / peer at its best batch", inProcess, best);
        Figures.PrintRatio("over HTTP / peer at its best batch", overHttp, best);
        Figures.PrintRatio("in process / peer at batch 32", inProcess, thirtyTwo);
    }

    /// <summary>The same vectors as the peer's, and whatever shares a run.</summary>
    private static async Task CheckAsync(InProcess engine, TransformersPeer? peer, string[] texts)
    {
        var together = await engine.EmbedAsync(texts);
        var alone = new List<float[]>();
        foreach (var text in texts)
        {
            alone.Add((await engine.EmbedAsync([text]))[0]);
        }

        Figures.Say($"largest difference of a component, together or alone: {Largest(together.SelectMany(v => v), alone.SelectMany(v => v)):E1}");
        if (peer is not null)
        {
            Figures.Say($"largest difference of a component from the peer's: {Largest(alone.SelectMany(v => v), await peer.VectorsAsync()):E1}");
        }
    }

    private static float Largest(IEnumerable<float> ours, IEnumerable<float> theirs) => ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max();
}
