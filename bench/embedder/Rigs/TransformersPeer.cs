using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Sutra.Bench.Embedder.Rigs;

/// <summary>@huggingface/transformers in Node.js, on the same files and texts, with its own defaults (its ONNX Runtime uses all cores).</summary>
internal sealed class TransformersPeer : IDisposable
{
    private readonly Process _process;
    private readonly int _texts;

    private TransformersPeer(Process process, int texts)
    {
        _process = process;
        _texts = texts;
    }

    /// <summary>Null, and says so, when the peer is not installed (npm ci in bench/embedder/peer).</summary>
    public static async Task<TransformersPeer?> StartAsync(string root, string folder, string textsFile, int texts)
    {
        var peer = Path.Combine(root, "bench", "embedder", "peer");
        if (!Directory.Exists(Path.Combine(peer, "node_modules", "@huggingface", "transformers")))
        {
            Console.WriteLine("No peer: @huggingface/transformers is not installed (npm ci --ignore-scripts in bench/embedder/peer).");
            return null;
        }

        var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(peer, "transformers.mjs"), folder, textsFile])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return await process.StandardOutput.ReadLineAsync() == "ready"
            ? new TransformersPeer(process, texts)
            : throw new InvalidOperationException("The peer did not start.");
    }

    /// <returns>Texts a second.</returns>
    public async Task<double> RoundAsync(int batch) =>
        _texts / double.Parse(await AskAsync(string.Create(CultureInfo.InvariantCulture, $"run {batch}")), CultureInfo.InvariantCulture);

    public async Task<float[]> VectorsAsync() => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(await AskAsync("vectors"))).ToArray();

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task<string> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The peer ended.");
    }
}
