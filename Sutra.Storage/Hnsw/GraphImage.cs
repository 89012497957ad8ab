using System.Runtime.InteropServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Hnsw;

/// <summary>
/// A graph as one run of bytes that a file can hold and a map can serve: header, then levels, links, upper rows, upper links, twins,
/// codes, scales, vectors, each at a multiple of 64 bytes and laid out as in memory. Little-endian. Without checksums: those are the
/// matter of the file that it is a part of.
/// </summary>
internal static class GraphImage
{
    /// <summary>Writes a graph to which nothing is being added.</summary>
    /// <param name="view">The graph.</param>
    /// <param name="output">Where to; nothing is read or sought.</param>
    /// <param name="withVectors">False if the float32 rows are kept elsewhere: <see cref="MappedGraph.Open"/> then wants their address.</param>
    public static void Write(in GraphView view, Stream output, bool withVectors = true)
    {
        var header = GraphImageHeader.Of(view, withVectors);
        output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<GraphImageHeader>(in header)));
        WriteRows(view.Levels, view.Count, output);
        WriteRows(view.Links, view.Count, output);
        WriteRows(view.UpperRow, view.Count, output);
        WriteRows(view.UpperLinks, header.UpperRows, output);
        WriteRows(view.Twins, view.Count, output);
        if (view.Codes.Exists)
        {
            WriteRows(view.Codes, view.Count, output);
            WriteRows(view.Scales, view.Count, output);
        }

        if (withVectors)
        {
            WriteRows(view.Vectors, view.Count, output);
        }
    }

    /// <summary>Rows as they are, padded to a multiple of 64 bytes at the end.</summary>
    public static void WriteRows(in RowView rows, uint count, Stream output)
    {
        for (uint row = 0; row < count;)
        {
            var run = rows.Run(row, count);
            output.Write(run);
            row += (uint)(run.Length / rows.Stride);
        }

        Span<byte> zeros = stackalloc byte[GraphImageHeader.Alignment];
        zeros.Clear();
        output.Write(zeros[..(int)(GraphImageHeader.Padded(count, rows.Stride) - (long)count * rows.Stride)]);
    }
}
