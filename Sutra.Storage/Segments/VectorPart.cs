using System.Runtime.InteropServices;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>The vectors of one model while their segment is being made.</summary>
internal sealed class VectorPart(string model, HnswOptions options) : IDisposable
{
    private readonly HnswIndex _index = new(options);
    private readonly List<uint> _rowOfSlot = [];
    private uint _linked;

    public string Model { get; } = model;

    public int Dimension => options.Dimension;

    public bool Linked { get; private set; }

    /// <summary>Vectors that no walk came to after the build and before its repair.</summary>
    public uint Unreachable { get; private set; }

    public ReadOnlySpan<uint> RowOfSlot => CollectionsMarshal.AsSpan(_rowOfSlot);

    // A graph that is not linked has no entry; its image wants one, and it is never walked.
    public GraphView View => Linked ? _index.View : _index.View with { Entry = 0, TopLevel = 0 };

    /// <summary>Begins with a graph that is there; its vectors have no rows yet.</summary>
    public void Resume(SegmentVectors vectors)
    {
        _index.Resume(vectors.View, vectors.Worths);
        _rowOfSlot.AddRange(Enumerable.Repeat(RowEntry.None, (int)vectors.View.Count));
        _linked = vectors.View.Count;
    }

    /// <summary>Gives a vector that was there its row.</summary>
    /// <returns>The slot.</returns>
    public uint Place(uint slot, uint row)
    {
        _rowOfSlot[(int)slot] = row;
        return slot;
    }

    public uint Add(ReadOnlySpan<float> unit, uint row)
    {
        _rowOfSlot.Add(row);
        return _index.AppendUnit(unit);
    }

    /// <summary>Builds the graph, and makes sure that everything in it can be reached.</summary>
    public void Link(int threads, CancellationToken cancellation)
    {
        _index.LinkRows(threads, _linked, cancellation);
        Unreachable = _index.Repair().Unreachable;
        Linked = true;
    }

    public uint[] VectorChecksums()
    {
        var view = View;
        var checksums = new uint[view.Count];
        for (uint slot = 0; slot < view.Count; slot++)
        {
            checksums[slot] = Crc32C.Compute(view.Vectors.Run(slot, slot + 1));
        }

        return checksums;
    }

    /// <summary>For a merge that builds on this graph.</summary>
    public void WriteWorths(Stream output) => _index.WriteWorths(output);

    public void Dispose() => _index.Dispose();
}
