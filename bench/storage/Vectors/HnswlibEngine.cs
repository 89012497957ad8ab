using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>hnswlib, compiled by peer/build.sh, in a process of its own on the same files.</summary>
internal sealed class HnswlibEngine : IVectorEngine
{
    private readonly VectorData _data;
    private readonly Process _process;

    private HnswlibEngine(VectorData data, Process process)
    {
        _data = data;
        _process = process;
    }

    public string Name => "hnswlib";

    private string AnswerPath => Path.Combine(_data.Folder, "answer.u32");

    private string IndexPath => Path.Combine(_data.Folder, "hnswlib.index");

    /// <summary>Null, and says so, when the peer was not built.</summary>
    public static HnswlibEngine? Start(string root, VectorData data)
    {
        var program = Path.Combine(root, "bench", "storage", "peer", "node_modules", "hnswlib_peer");
        if (!File.Exists(program))
        {
            Console.WriteLine("No peer: hnswlib is not there (bench/storage/peer/build.sh brings and compiles it). Its rows are left out.");
            return null;
        }

        var arguments = new[] { Path.Combine(data.Folder, "base.f32"), Path.Combine(data.Folder, "queries.f32"), data.Dimension.ToString(CultureInfo.InvariantCulture) };
        var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadLine()?.StartsWith("ready", StringComparison.Ordinal) == true
            ? new HnswlibEngine(data, process)
            : throw new InvalidOperationException("The peer did not start.");
    }

    public BuildFigures? Build(int threads, bool reuse)
    {
        if (reuse && File.Exists(IndexPath))
        {
            Ask($"load {IndexPath}");
            return null;
        }

        var answer = Ask($"build 16 200 {threads}");
        Ask($"save {IndexPath}");
        return new BuildFigures(answer[0], answer[1], answer[2], answer[2]);
    }

    public Pass Search(int queries, int ef, Filter? filter)
    {
        Ask($"queries {queries}");
        return Answered(Ask(filter is null ? $"search {ef} {Ks.K} {AnswerPath}" : $"sweep {ef} {Ks.K} {filter.BytesPath} {AnswerPath}"));
    }

    /// <summary>A scan of the rows that a filter allows, with hnswlib's own distance.</summary>
    public Pass Scan(int queries, Filter filter)
    {
        Ask($"queries {queries}");
        return Answered(Ask($"exact {Ks.K} {filter.BytesPath} {AnswerPath}"));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private Pass Answered(double[] times) => new(times[0], times[1], MemoryMarshal.Cast<byte, uint>(File.ReadAllBytes(AnswerPath)).ToArray());

    private double[] Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        var answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The peer ended.");
        return [.. answer.Split(' ').Where(part => part != "ok").Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
    }
}
