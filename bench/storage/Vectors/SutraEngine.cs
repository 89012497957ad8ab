using System.Diagnostics;
using System.Runtime.InteropServices;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Vectors;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>Sutra's index, over int8 codes with float32 comparison of the best, or over float32 alone.</summary>
internal sealed unsafe class SutraEngine(VectorData data, bool codes) : IVectorEngine
{
    private readonly Neighbour[] _results = new Neighbour[Ks.K];
    private void* _image;
    private MappedGraph? _graph;

    public string Name => codes ? "sutra int8" : "sutra float32";

    private string ImagePath => Path.Combine(data.Folder, codes ? "sutra-int8.image" : "sutra-float32.image");

    public BuildFigures? Build(int threads, bool reuse)
    {
        BuildFigures? figures = null;
        if (!reuse || !File.Exists(ImagePath))
        {
            figures = BuildAnew(threads);
        }

        // Read into memory as a service would pin it: the graph of a warm server.
        var length = new FileInfo(ImagePath).Length;
        _image = NativeMemory.AlignedAlloc((nuint)length, 2 << 20);
        MemoryAdvice.UseHugePages(_image, (nuint)length);
        using var file = File.OpenRead(ImagePath);
        for (long at = 0; at < length;)
        {
            at += file.Read(new Span<byte>((byte*)_image + at, (int)Math.Min(1 << 26, length - at)));
        }

        _graph = MappedGraph.Open((byte*)_image, length);
        return figures;
    }

    public Pass Search(int queries, int ef, Filter? filter)
    {
        var ids = new uint[queries * Ks.K];
        Array.Fill(ids, uint.MaxValue);
        var request = new HnswQuery(Ks.K) { Ef = ef, Allowed = filter?.Slots };
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        for (var query = 0; query < queries; query++)
        {
            var found = _graph!.Search(data.Query(query), request, deleted: null, _results);
            for (var i = 0; i < found; i++)
            {
                ids[query * Ks.K + i] = _results[i].Slot;
            }
        }

        return new Pass(watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, ids);
    }

    public void Dispose()
    {
        _graph?.Dispose();
        NativeMemory.AlignedFree(_image);
    }

    private BuildFigures BuildAnew(int threads)
    {
        using var index = new HnswIndex(new HnswOptions { Dimension = data.Dimension, Codes = codes });
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        index.AddRange(data.Base, threads);
        var (links, unreachable) = index.Repair();
        var (wall, used) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        Console.WriteLine($"{Name}: unreachable after the build {unreachable}, {links} links added for that");
        using var file = File.Create(ImagePath);
        GraphImage.Write(index.View, file);
        var memory = index.Memory;
        return new BuildFigures(wall, used, (memory.Links + memory.Codes) / (double)data.Count, (memory.Links + memory.Codes + memory.Vectors) / (double)data.Count);
    }
}
