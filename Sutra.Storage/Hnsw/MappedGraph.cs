using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>A graph served from memory that somebody else owns, such as a mapped file. Opening it reads 64 bytes.</summary>
internal sealed unsafe class MappedGraph : IDisposable
{
    private readonly List<FlatRows> _parts = [];
    private readonly ScratchPool _scratches;

    private MappedGraph(int dimension) => _scratches = new ScratchPool(dimension);

    public GraphView View { get; private set; }

    /// <summary>Opens what <see cref="GraphImage.Write"/> wrote.</summary>
    /// <param name="image">At a multiple of 64 bytes. Must stay until this is disposed; whoever maps it has checked its checksum.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="vectors">Of an image without vectors: where they are, rows of <see cref="GraphView.VectorStride"/> bytes.</param>
    /// <exception cref="InvalidDataException">It is no such image, of another version, or cut off.</exception>
    public static MappedGraph Open(byte* image, long length, byte* vectors = null)
    {
        if (length < GraphImageHeader.Alignment)
        {
            throw new InvalidDataException("The image of the vector graph is cut off.");
        }

        var header = *(GraphImageHeader*)image;
        header.Check();
        var graph = new MappedGraph((int)header.Dimension);
        var at = (long)GraphImageHeader.Alignment;
        var codes = header.HasCodes != 0;
        var (dimension, m) = ((int)header.Dimension, (int)header.M);
        try
        {
            graph.View = new GraphView
            {
                Dimension = dimension,
                M = m,
                Count = header.Count,
                Capacity = header.Count,
                Entry = header.Entry,
                TopLevel = (int)header.TopLevel,
                Levels = Part(header.Count, sizeof(byte)),
                Links = Part(header.Count, GraphView.LinkStride(m)),
                UpperRow = Part(header.Count, sizeof(uint)),
                UpperLinks = Part(header.UpperRows, GraphView.UpperStride(m)),
                Twins = Part(header.Count, sizeof(uint)),
                Codes = codes ? Part(header.Count, GraphView.CodeStride(dimension)) : default,
                Scales = codes ? Part(header.Count, sizeof(float)) : default,
                Vectors = header.HasVectors != 0 ? Part(header.Count, GraphView.VectorStride(dimension)) : Elsewhere(),
            };
            return graph;
        }
        catch
        {
            graph.Dispose();
            throw;
        }

        RowView Part(uint rows, int stride)
        {
            var bytes = GraphImageHeader.Padded(rows, stride);
            if (bytes > length - at)
            {
                throw new InvalidDataException("The image of the vector graph is cut off.");
            }

            var part = new FlatRows(image + at, stride);
            graph._parts.Add(part);
            at += bytes;
            return part.View;
        }

        RowView Elsewhere()
        {
            if (vectors == null)
            {
                throw new InvalidDataException("The image of the vector graph holds no vectors.");
            }

            var part = new FlatRows(vectors, GraphView.VectorStride(dimension));
            graph._parts.Add(part);
            return part.View;
        }
    }

    /// <summary>Has every vector checked before it is first compared.</summary>
    public void CheckVectors(RowChecks checks) => View = View with { VectorChecks = checks };

    /// <inheritdoc cref="HnswSearch.Run"/>
    public int Search(ReadOnlySpan<float> query, in HnswQuery request, SlotBitmap? deleted, Span<Neighbour> results) =>
        HnswSearch.Run(View, query, request, deleted, _scratches, results);

    /// <summary>Frees what this holds itself. No search may be running.</summary>
    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }

        _scratches.Dispose();
    }
}
