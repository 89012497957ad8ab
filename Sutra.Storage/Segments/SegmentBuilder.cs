using System.Runtime.InteropServices;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;
using Sutra.Storage.Filtering;
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
    private readonly CollectionSeal _seal;
    private readonly IStorageFile _file;
    private readonly SectionStream _stream;
    private readonly List<RowEntry> _rows = [];
    private readonly List<IdEntry> _ids = [];
    private readonly List<VectorPart> _parts = [];
    private readonly List<SectionEntry> _sections = [];
    private readonly SortedSet<ulong> _keys = [];
    private readonly long _payloads;
    private bool _finished;

    /// <param name="graph">The graph's options for a dimension.</param>
    /// <param name="seal">Of what is written.</param>
    public SegmentBuilder(IFileSystem files, string folder, Guid logId, ulong number, Func<int, HnswOptions> graph, CollectionSeal seal)
    {
        _files = files;
        _path = Path.Combine(folder, SegmentNames.OfSegment(number));
        _logId = logId;
        _number = number;
        _graph = graph;
        _seal = seal;
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
    /// <returns>Its number; <see cref="RowEntry.None"/> when it was removed meanwhile.</returns>
    public uint AddResumed(Segment segment, uint row)
    {
        var vectors = segment.PartOf(row);
        var part = PartOf(vectors.Model, vectors.Dimension);
        return TrySeal(segment, row, out var record, out var isSealed)
            ? AddRow(segment, row, record, isSealed, part, _parts[part].Place(segment.Slot(row), (uint)_rows.Count))
            : RowEntry.None;
    }

    /// <summary>Adds a row of a segment.</summary>
    /// <returns>Its number; <see cref="RowEntry.None"/> when it was removed meanwhile.</returns>
    public uint Add(Segment segment, uint row)
    {
        var vector = segment.Vector(row);
        var part = PartOf(segment.PartOf(row).Model, vector.Length);
        return TrySeal(segment, row, out var record, out var isSealed)
            ? AddRow(segment, row, record, isSealed, part, _parts[part].Add(vector, (uint)_rows.Count))
            : RowEntry.None;
    }

    /// <summary>Adds a concept that is in memory.</summary>
    /// <returns>False: it was removed, be it a moment ago.</returns>
    public bool TryAdd(StoredConcept concept)
    {
        var isSealed = _seal.Mode != EncryptionMode.Off;
        var payload = concept.Payload.Span;
        var record = isSealed ? _seal.Seal(ConceptRecord.Owner(payload), concept.Id, payload) : payload;

        // Now, and not before: who erases an owner removes their concepts and then destroys their key. What was sealed since, with a key
        // that the owner got since, is of a concept that is removed.
        if (concept.Died != DeadRows.Never)
        {
            return false;
        }

        var part = PartOf(concept.Model, concept.Dimension);
        var slot = _parts[part].Add(concept.Block!.Row(concept.Row), (uint)_rows.Count);
        AddRow(concept.Id, record, isSealed, concept.Check, concept.Salted ? 1u : 0, part, slot);
        return true;
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
    /// <param name="filters">Fields of what was added, with the same rows.</param>
    /// <param name="associations">Of what was added, with the same rows.</param>
    public string Finish(
        TextLanguage language, ReadOnlySpan<LexicalSource> texts, ReadOnlySpan<FilterSource> filters, ReadOnlySpan<AssociationSource> associations)
    {
        _sections.Add(_stream.End(SectionKind.Payloads, checkedByRow: true));
        Section(SectionKind.Rows, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_rows)));
        _ids.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        Section(SectionKind.Ids, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_ids)));
        if (_keys.Count > 0)
        {
            Section(SectionKind.Keys, MemoryMarshal.AsBytes<ulong>(_keys.ToArray()));
        }

        for (var i = 0; i < _parts.Count; i++)
        {
            WritePart(_parts[i], i);
        }

        using (var section = Begin(SectionKind.Lexical))
        {
            LexicalImageWriter.Write(section, _rows.Count, texts);
            End(section, SectionKind.Lexical, flags: (uint)language);
        }

        using (var section = Begin(SectionKind.Filters))
        {
            FilterImageWriter.Write(section, _rows.Count, filters);
            End(section, SectionKind.Filters);
        }

        using (var section = Begin(SectionKind.Associations))
        {
            AssociationImageWriter.Write(section, _rows.Count, associations);
            End(section, SectionKind.Associations);
        }

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

    // What is sealed is taken over as it is: its key may be gone by now, and it is as safe here as there. False: it was removed meanwhile.
    private bool TrySeal(Segment segment, uint row, out ReadOnlySpan<byte> record, out bool isSealed)
    {
        record = segment.Stored(row, out isSealed);
        if (isSealed || _seal.Mode == EncryptionMode.Off)
        {
            return true;
        }

        record = _seal.Seal(ConceptRecord.Owner(record), segment.Id(row), record);
        isSealed = true;
        return segment.IsAlive(row);
    }

    private uint AddRow(Segment segment, uint row, ReadOnlySpan<byte> record, bool isSealed, int part, uint slot)
    {
        var identity = segment.Identity(row);
        return AddRow(segment.Id(row), record, isSealed, identity.Check, identity.Salted, part, slot);
    }

    private uint AddRow(ConceptId id, ReadOnlySpan<byte> payload, bool isSealed, UInt128 check, uint salted, int part, uint slot)
    {
        var row = (uint)_rows.Count;
        if (isSealed && SealedRecord.TryReadKeyId(payload, out var keyId))
        {
            _keys.Add(keyId);
        }

        _rows.Add(new RowEntry
        {
            Id = id.Value,
            Offset = _stream.Position - _payloads,
            Length = payload.Length,
            Checksum = Crc32C.Compute(payload),
            Slot = slot,
            Part = checked((ushort)part),
            Sealed = isSealed ? (ushort)1 : (ushort)0,
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
        Section(SectionKind.Graph, output => GraphImage.Write(view, output, withVectors: false), number, part.Linked ? 1u : 0);
        Section(SectionKind.Vectors, output => GraphImage.WriteRows(view.Vectors, view.Count, output), number);
        Section(SectionKind.VectorChecksums, MemoryMarshal.AsBytes<uint>(part.VectorChecksums()), number);
        if (part.Linked)
        {
            Section(SectionKind.Worths, part.WriteWorths, number);
        }
    }

    private void Section(SectionKind kind, ReadOnlySpan<byte> data, int part = 0)
    {
        using var section = Begin(kind);
        section.Write(data);
        End(section, kind, part);
    }

    private void Section(SectionKind kind, Action<Stream> write, int part, uint flags = 0)
    {
        using var section = Begin(kind);
        write(section);
        End(section, kind, part, flags);
    }

    // Where the section's bytes go; the file's own stream, which takes no harm from being disposed, or what seals into it.
    private Stream Begin(SectionKind kind)
    {
        _stream.Begin();
        if (!_seal.Mode.IsSealed(kind))
        {
            return _stream;
        }

        var file = SegmentSealing.FileOf(_logId, _number);
        return new SectionWriter(_seal.Ring!, _seal.KeyOf(file), _stream, new SectionPlace(file, (uint)_sections.Count + 1));
    }

    private void End(Stream section, SectionKind kind, int part = 0, uint flags = 0)
    {
        (section as SectionWriter)?.Complete();
        var entry = _stream.End(kind, part, flags, checkedByRow: kind == SectionKind.Vectors);
        entry.Sealed = section is SectionWriter ? 1u : 0;
        _sections.Add(entry);
    }
}
