using System.Runtime.InteropServices;
using Sutra.Storage.Lexical;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Associations;

/// <summary>
/// Writes an image of one part or merges several, in whatever order their rows end up. Nothing is extracted again. Holds in memory eight bytes a row, and what
/// <see cref="LexicalImageWriter"/> holds.
/// </summary>
internal static class AssociationImageWriter
{
    /// <param name="output">Where to; written once from front to end, neither read nor sought.</param>
    /// <param name="rows">Rows of the image. One that no source gives has no associations.</param>
    /// <param name="sources">What goes in. No two rows may become the same.</param>
    /// <exception cref="ArgumentException">A map is too short, names a row that is not, or one twice.</exception>
    /// <exception cref="InvalidDataException">A source is a damaged image.</exception>
    public static void Write(Stream output, int rows, params ReadOnlySpan<AssociationSource> sources)
    {
        var origins = Origins(rows, sources);
        var header = new AssociationImageHeader
        {
            Magic = AssociationImageHeader.ExpectedMagic,
            Version = AssociationImageHeader.CurrentVersion,
            Rows = (uint)rows,
            Rules = sources.IsEmpty ? Extraction.EntityExtractor.Rules : sources[0].Part.Rules,
        };
        foreach (var (part, _) in sources)
        {
            header.Rules = part.Rules == header.Rules ? header.Rules : 0;
        }

        var offsets = new ulong[rows + 1];
        for (var row = 0; row < rows; row++)
        {
            var record = Record(sources, origins[row]);
            header.Entities += (ulong)AssociationRecord.Entities(record);
            header.Links += (ulong)AssociationRecord.Links(record);
            offsets[row + 1] = offsets[row] + (ulong)record.Length;
        }

        header.RecordBytes = offsets[rows];
        var bytes = new ImageBytes(output);
        bytes.Write(header);
        bytes.Write(MemoryMarshal.AsBytes(offsets.AsSpan()));
        bytes.Pad();
        foreach (var origin in origins)
        {
            bytes.Write(Record(sources, origin));
        }

        bytes.Pad();
        bytes.Flush();
        var terms = new LexicalSource[sources.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            terms[i] = new LexicalSource(sources[i].Part.Terms, sources[i].RowMap);
        }

        LexicalImageWriter.Write(output, rows, terms);
    }

    // Where each row comes from; -1 for nowhere.
    private static (int Source, int Row)[] Origins(int rows, ReadOnlySpan<AssociationSource> sources)
    {
        var origins = new (int Source, int Row)[rows];
        Array.Fill(origins, (-1, 0));
        var targets = new RowTargets(rows);
        for (var source = 0; source < sources.Length; source++)
        {
            var (part, map) = sources[source];
            targets.Begin(map, part.Rows);
            for (var row = 0; row < part.Rows; row++)
            {
                if (targets.Take(map, row) is >= 0 and var to)
                {
                    origins[to] = (source, row);
                }
            }
        }

        return origins;
    }

    private static ReadOnlySpan<byte> Record(ReadOnlySpan<AssociationSource> sources, (int Source, int Row) origin) =>
        origin.Source < 0 ? [0, 0] : sources[origin.Source].Part.Record(origin.Row);
}
