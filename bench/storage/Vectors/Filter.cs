using System.Numerics.Tensors;
using Sutra.Storage.Hnsw;

namespace Sutra.Bench.Storage.Vectors;

/// <summary>Some of the rows: at random, or whole clusters of them, as by a topic.</summary>
internal sealed class Filter
{
    private readonly VectorData _data;
    private readonly int[] _rows;

    public Filter(VectorData data, double share, bool correlated)
    {
        _data = data;
        Name = $"{share:p1} {(correlated ? "clusters" : "random")}";
        var random = new Random(11);
        var all = Enumerable.Range(0, data.Count);
        _rows = [.. (correlated ? all.OrderBy(row => data.Cluster[row]).ThenBy(row => row) : all.OrderBy(_ => random.Next())).Take(Math.Max(Ks.K, (int)(data.Count * share))).Order()];
        var bytes = new byte[data.Count];
        foreach (var row in _rows)
        {
            Slots.Add((uint)row);
            bytes[row] = 1;
        }

        BytesPath = Path.Combine(data.Folder, "filter.u8");
        File.WriteAllBytes(BytesPath, bytes);
    }

    public string Name { get; }

    public int Count => _rows.Length;

    public SlotBitmap Slots { get; } = new();

    /// <summary>A byte a row, 1 for those allowed.</summary>
    public string BytesPath { get; }

    public uint[] Truth(int query, int k)
    {
        var scores = _rows.Select(row => (Score: TensorPrimitives.Dot(_data.Query(query), _data.Row(row)), Row: (uint)row));
        return [.. scores.OrderByDescending(pair => pair.Score).Take(k).Select(pair => pair.Row)];
    }
}
