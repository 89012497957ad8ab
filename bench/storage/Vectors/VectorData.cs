using System.Runtime.InteropServices;
using System.Text.Json;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>A folder of raw little-endian files: base.f32, queries.f32, gt.i32 (exact neighbours), cluster.i32, meta.json.</summary>
internal sealed class VectorData
{
    private readonly int[] _truth;
    private readonly int _truthPerQuery;

    public VectorData(string folder)
    {
        Folder = folder;
        using var meta = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "meta.json")));
        Dimension = meta.RootElement.GetProperty("dim").GetInt32();
        Base = Read<float>("base.f32");
        Queries = Read<float>("queries.f32");
        Cluster = Read<int>("cluster.i32");
        _truth = Read<int>("gt.i32");
        _truthPerQuery = _truth.Length / QueryCount;
    }

    public string Folder { get; }

    public int Dimension { get; }

    public float[] Base { get; }

    public float[] Queries { get; }

    public int[] Cluster { get; }

    public int Count => Base.Length / Dimension;

    public int QueryCount => Queries.Length / Dimension;

    public ReadOnlySpan<float> Query(int number) => Queries.AsSpan(number * Dimension, Dimension);

    public ReadOnlySpan<float> Row(int number) => Base.AsSpan(number * Dimension, Dimension);

    public ReadOnlySpan<int> Truth(int query, int k) => _truth.AsSpan(query * _truthPerQuery, k);

    private T[] Read<T>(string name)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(Path.Combine(Folder, name))).ToArray();
}
