using System.Runtime.InteropServices;
using Sutra.Storage.Concepts;
using Sutra.Storage.Files;
using Sutra.Storage.Hnsw;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>
/// Makes a segment file: rows are added one by one, their payloads written as they come; everything else follows at the end, and the
/// header last. The file lies aside under another name until it is whole and on the disk.
/// </summary>
internal sealed class SegmentBuilder : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly Guid _logId;
    private readonly ulong _number;
    private readonly Func<int, HnswOptions> _graph;
    private readonly IStorageFile _file;
    private readonly SectionStream _stream;
    private readonly List<RowEntry> _rows = [];
    private readonly List<IdEntry> _ids = [];
    private readonly List<VectorPart> _parts = [];
    private readonly List<SectionEntry> _sections = [];
    private readonly long _payloads;
    private bool _finished;

    /// <param name="graph">The graph's options for a dimension.</param>
    public SegmentBuilder(IFileSystem files, string folder, Guid logId, ulong number, Func<int, HnswOptions> graph)
    {
        _files = files;
        _path = Path.Combine(folder, SegmentNames.OfSegment(number));
        _logId = logId;
        _number = number;
        _graph = graph;
        _file = files.Create(_path + SegmentNames.Aside);
        _stream = new SectionStream(_file);

        // Room for the header.
        _stream.Write(stackalloc byte[SegmentFileHeader.Size]);
        _stream.Begin();
        _payloads = _stream.Position;
    }

    public ulong Number => _number;

    public int Rows => _rows.Count;

    public uint Unreachable => (uint)_parts.Sum(part => part.Unreachable);

    /// <summary>Begins with the graphs of a segment, so that only what is added later has to be linked. Before any row is added.</summary>
    public void Resume(Segment segment)
    {
        foreach (var vectors in segment.Parts)
        {
            _parts[PartOf(vectors.Model, vectors.Dimension)].Resume(vectors);
        }
    }

    /// <summary>Adds a row of the segment whose graphs this began with.</summary>
    /// <returns>Its number.</returns>
    public uint AddResumed(Segment segment, uint row)
    {
        var vectors = segment.PartOf(row);
        var part = PartOf(vectors.Model, vectors.Dimension);
        _parts[part].Place(segment.Slot(row), (uint)_rows.Count);
        var identity = segment.Identity(row);
        return AddRow(segment.Payload(row), identity.Check, identity.Salted, part, segment.Slot(row));
    }

    /// <summary>Adds a row of a segment.</summary>
    /// <returns>Its number.</returns>
    public uint Add(Segment segment, uint row)
    {
        var identity = segment.Identity(row);
        return Add(segment.Payload(row), identity.Check, identity.Salted != 0, segment.PartOf(row).Model, segment.Vector(row));
    }

    /// <param name="payload">Of a learn record.</param>
    /// <param name="check">128 further bits of the content's hash.</param>
    /// <param name="salted">The content did not get its unsalted id.</param>
    /// <param name="model">Of the vector.</param>
    /// <param name="unit">The vector at length one.</param>
    /// <returns>The row's number.</returns>
    public uint Add(ReadOnlySpan<byte> payload, UInt128 check, bool salted, string model, ReadOnlySpan<float> unit)
    {
        var part = PartOf(model, unit.Length);
        return AddRow(payload, check, salted ? 1u : 0, part, _parts[part].Add(unit, (uint)_rows.Count));
    }

    /// <summary>Links the graphs. Without it searches scan all vectors: right for few, and a matter of milliseconds to write.</summary>
    public void LinkGraphs(int threads, CancellationToken cancellation)
    {
        foreach (var part in _parts)
        {
            part.Link(threads, cancellation);
        }
    }

    /// <summary>The rest of the file, flushed, and its name. The manifest has yet to name it.</summary>
    /// <param name="language">Of the lexical index.</param>
    /// <param name="texts">Indexes of what was added, with the rows it was added as.</param>
    public string Finish(TextLanguage language, params ReadOnlySpan<LexicalSource> texts)
    {
        _sections.Add(_stream.End(SectionKind.Payloads, checkedByRow: true));
        Section(SectionKind.Rows, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_rows)));
        _ids.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        Section(SectionKind.Ids, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_ids)));
        for (var i = 0; i < _parts.Count; i++)
        {
            WritePart(_parts[i], i);
        }

        _stream.Begin();
        LexicalImageWriter.Write(_stream, _rows.Count, texts);
        _sections.Add(_stream.End(SectionKind.Lexical, flags: (uint)language));
        _stream.Begin();
        var table = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_sections));
        var header = new SegmentFileHeader
        {
            Magic = SegmentFileHeader.ExpectedMagic,
            Version = SegmentFileHeader.CurrentVersion,
            Sections = (uint)_sections.Count,
            LogId = _logId,
            Number = _number,
            TableOffset = (ulong)_stream.Position,
            TableChecksum = Crc32C.Compute(table),
            Rows = (uint)_rows.Count,
        };
        header.Checksum = SegmentFileHeader.ChecksumOf(header);
        _stream.Write(table);
        _stream.Flush();
        _file.Flush();
        _file.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<SegmentFileHeader>(in header)), 0);
        _file.Flush();
        _file.Dispose();
        _files.Rename(_path + SegmentNames.Aside, _path);
        _files.FlushFolder(Path.GetDirectoryName(_path)!);
        _finished = true;
        return _path;
    }

    public void Dispose()
    {
        foreach (var part in _parts)
        {
            part.Dispose();
        }

        if (!_finished)
        {
            _file.Dispose();
            DeleteAside();
        }
    }

    private void DeleteAside()
    {
        try
        {
            _files.Delete(_path + SegmentNames.Aside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start removes it.
        }
    }

    private uint AddRow(ReadOnlySpan<byte> payload, UInt128 check, uint salted, int part, uint slot)
    {
        var row = (uint)_rows.Count;
        var id = ConceptRecord.Id(payload);
        _rows.Add(new RowEntry
        {
            Id = id.Value,
            Offset = _stream.Position - _payloads,
            Length = payload.Length,
            Checksum = Crc32C.Compute(payload),
            Slot = slot,
            Part = checked((ushort)part),
        });
        _ids.Add(new IdEntry { Id = id.Value, CheckHigh = (ulong)(check >> 64), CheckLow = (ulong)check, Row = row, Salted = salted });
        _stream.Write(payload);
        return row;
    }

    private int PartOf(string model, int dimension)
    {
        var part = _parts.FindIndex(part => part.Dimension == dimension && part.Model == model);
        if (part < 0)
        {
            part = _parts.Count;
            _parts.Add(new VectorPart(model, _graph(dimension)));
        }

        return part;
    }

    private void WritePart(VectorPart part, int number)
    {
        var view = part.View;
        Section(SectionKind.Model, ConceptRecord.Utf8(part.Model), number);
        Section(SectionKind.RowOfSlot, MemoryMarshal.AsBytes(part.RowOfSlot), number);
        _stream.Begin();
        GraphImage.Write(view, _stream, withVectors: false);
        _sections.Add(_stream.End(SectionKind.Graph, number, part.Linked ? 1u : 0));
        _stream.Begin();
        GraphImage.WriteRows(view.Vectors, view.Count, _stream);
        _sections.Add(_stream.End(SectionKind.Vectors, number, checkedByRow: true));
        Section(SectionKind.VectorChecksums, MemoryMarshal.AsBytes<uint>(part.VectorChecksums()), number);
        if (part.Linked)
        {
            _stream.Begin();
            part.WriteWorths(_stream);
            _sections.Add(_stream.End(SectionKind.Worths, number));
        }
    }

    private void Section(SectionKind kind, ReadOnlySpan<byte> data, int part = 0)
    {
        _stream.Begin();
        _stream.Write(data);
        _sections.Add(_stream.End(kind, part));
    }
}
