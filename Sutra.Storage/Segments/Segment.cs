using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Files;
using Sutra.Storage.Filtering;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Lifetime;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>
/// Concepts in a file that never changes: served from the map of it. What changes is only which of them are no more. Whoever reads holds a
/// reference (<see cref="Acquire"/>); the map ends with the last of them.
/// </summary>
internal sealed unsafe class Segment
{
    private readonly IFileSystem _files;
    private readonly SegmentFile _file;
    private readonly CollectionSeal _seal;
    private readonly SegmentVectors[] _parts;
    private readonly DeadRows _dead;
    private readonly byte* _payloads;
    private readonly long _payloadBytes;
    private readonly RowEntry* _rows;
    private readonly IdEntry* _ids;
    private Holds _holds = new();
    private volatile bool _deleteAtEnd;
    private int _rewriteMarks;

    private Segment(IFileSystem files, SegmentFile file, CollectionSeal seal)
    {
        _files = files;
        _file = file;
        _seal = seal;
        Rows = file.Header.Rows;
        _dead = new DeadRows(Rows);
        var payloads = file.Entry(SectionKind.Payloads);
        _payloads = file.Address(payloads);
        _payloadBytes = payloads.Length;
        _rows = (RowEntry*)file.Address(file.Entry(SectionKind.Rows));
        _ids = (IdEntry*)file.Address(file.Entry(SectionKind.Ids));
        if (file.Rows<RowEntry>(SectionKind.Rows).Length != Rows || file.Rows<IdEntry>(SectionKind.Ids).Length != Rows)
        {
            throw file.Damaged("its sections do not fit each other");
        }

        var texts = file.Entry(SectionKind.Lexical);
        Language = (TextLanguage)texts.Flags;
        Texts = LexicalImage.Open(file.Address(texts), texts.Length);

        var associations = file.Entry(SectionKind.Associations);
        Associations = AssociationImage.Open(file.Address(associations), associations.Length);
        if (Associations.Rows != Rows || Texts.Rows != Rows)
        {
            throw file.Damaged("its sections do not fit each other");
        }

        var filters = file.Entry(SectionKind.Filters);
        Filters = new SegmentFilters(this, FilterImage.Open(file.Address(filters), filters.Length));
        if (Filters.Image.Rows != Rows)
        {
            throw file.Damaged("its filter section is of other rows");
        }

        _parts = new SegmentVectors[file.Parts];
        for (var part = 0; part < _parts.Length; part++)
        {
            _parts[part] = new SegmentVectors(file, part);
        }

        CheckRows();
    }

    public ulong Number => _file.Header.Number;

    public string Path => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long Length => _file.Length;

    public uint Rows { get; }

    public uint Live => Rows - (uint)_dead.Count;

    /// <summary>Whether searches walk through it; else they scan it.</summary>
    public bool Linked => _parts.All(part => part.Linked);

    public IReadOnlyList<SegmentVectors> Parts => _parts;

    /// <summary>The words of its contents, by row.</summary>
    public LexicalImage Texts { get; }

    /// <summary>Entities and links, by row.</summary>
    public AssociationImage Associations { get; }

    /// <summary>Which of its rows a filter lets through.</summary>
    public SegmentFilters Filters { get; }

    /// <summary>Whose word endings were removed from them.</summary>
    public TextLanguage Language { get; }

    public IEnumerable<(ConceptId Id, UInt128 Check)> Salted
    {
        get
        {
            var salted = new List<(ConceptId, UInt128)>();
            for (uint i = 0; i < Rows; i++)
            {
                if (_ids[i].Salted != 0 && IsAlive(_ids[i].Row))
                {
                    salted.Add((new ConceptId(_ids[i].Id), _ids[i].Check));
                }
            }

            return salted;
        }
    }

    /// <exception cref="SegmentCorruptException">A file is not what was written.</exception>
    public static Segment Open(IFileSystem files, string folder, Guid logId, SegmentReference reference, CollectionSeal seal)
    {
        var path = System.IO.Path.Combine(folder, SegmentNames.OfSegment(reference.Number));
        var file = SegmentFile.Open(files, path, logId, reference.Number, seal);
        try
        {
            if (file.Length != reference.Length)
            {
                throw file.Damaged($"it has {file.Length} bytes, the manifest says {reference.Length}");
            }

            var segment = new Segment(files, file, seal);
            if (reference.Deletions != 0)
            {
                var deletions = System.IO.Path.Combine(folder, SegmentNames.OfDeletions(reference.Number, reference.Deletions));
                var dead = DeletionFile.Read(files, deletions, reference.Number, segment.Rows, out var rewrite);
                foreach (var row in dead)
                {
                    segment.Remove(row, sequence: 0);
                }

                if (rewrite)
                {
                    segment.MarkForRewriting();
                }
            }

            segment.Saved = (segment.Rows - segment.Live, segment.MustBeRewritten);
            segment.RemoveErased();
            if (seal.Mode.ShowsTooMuch(file.Sections))
            {
                segment.MarkForRewriting();
            }
            return segment;
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            file.Dispose();
            throw file.Damaged(e.Message);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>By what the content of a row is known.</summary>
    public IdEntry Identity(uint row) => _ids[IndexOf(Id(row))];

    /// <summary>The row that holds an id, removed or not.</summary>
    public bool TryFind(ConceptId id, out uint row, out UInt128 check)
    {
        var index = IndexOf(id);
        (row, check) = index < 0 ? (0, 0) : (_ids[index].Row, _ids[index].Check);
        return index >= 0;
    }

    /// <summary>Adds the rows whose ids are in a range, both ends included, to a set of a bit a row.</summary>
    /// <exception cref="InvalidDataException">The table of ids is damaged.</exception>
    public void AddIds(ulong low, ulong high, Span<ulong> words)
    {
        for (var at = FirstFrom(low); at < Rows && _ids[at].Id <= high; at++)
        {
            RowBits.Add(words, _ids[at].Row < Rows ? _ids[at].Row : throw new InvalidDataException("an id names a row that is not"));
        }
    }

    public ConceptId Id(uint row) => new(_rows[row].Id);

    public SegmentVectors PartOf(uint row) => _parts[_rows[row].Part];

    /// <summary>Of <see cref="Parts"/>, which the row's vector is in.</summary>
    public int PartNumber(uint row) => _rows[row].Part;

    /// <summary>Of its vector among those of its part.</summary>
    public uint Slot(uint row) => _rows[row].Slot;

    /// <summary>Its vector at length one, checked.</summary>
    public ReadOnlySpan<float> Vector(uint row) => PartOf(row).Vector(_rows[row].Slot);

    /// <summary>The payload of its learn record, checked, and opened if it is sealed; empty when it was erased, be it a moment ago.</summary>
    /// <exception cref="SegmentCorruptException">It is not what was written.</exception>
    public ReadOnlySpan<byte> Payload(uint row)
    {
        var stored = Stored(row, out var isSealed);
        if (!isSealed)
        {
            return stored;
        }

        try
        {
            return _seal.Open(Id(row), stored);
        }
        catch (InvalidDataException e)
        {
            throw _file.Damaged($"concept {Id(row)}: {e.Message}");
        }
    }

    /// <summary>What of a row's payload is in the file, checked: itself, or a sealed record of it.</summary>
    /// <exception cref="SegmentCorruptException">It is not what was written.</exception>
    public ReadOnlySpan<byte> Stored(uint row, out bool isSealed)
    {
        ref readonly var entry = ref _rows[row];
        isSealed = entry.Sealed != 0;
        if (entry.Offset < 0 || entry.Length < 0 || entry.Offset > _payloadBytes - entry.Length)
        {
            throw _file.Damaged($"row {row} lies outside of it");
        }

        var payload = new ReadOnlySpan<byte>(_payloads + entry.Offset, entry.Length);
        return Crc32C.Compute(payload) == entry.Checksum ? payload : throw _file.Damaged($"concept {Id(row)} fails its checksum");
    }

    public bool IsAlive(uint row) => _dead.Died(row) == DeadRows.Never;

    /// <summary>Whether the row belongs to the state after record <paramref name="sequence"/>.</summary>
    public bool IsVisible(uint row, ulong sequence) => _dead.Died(row) > sequence;

    /// <summary>The sequence number of the row's removal; <see cref="DeadRows.Never"/> when it is there.</summary>
    public ulong Died(uint row) => _dead.Died(row);

    /// <summary>It holds what is to be in no file, or in the clear what is to be sealed: a merge has to write it anew.</summary>
    public bool MustBeRewritten => RewriteMarks > 0;

    /// <summary>How often it was found to be so.</summary>
    public int RewriteMarks => Volatile.Read(ref _rewriteMarks);

    /// <summary>What its deletion file said when it was opened.</summary>
    public (uint Dead, bool MustBeRewritten) Saved { get; private set; }

    public void MarkForRewriting() => Interlocked.Increment(ref _rewriteMarks);

    /// <summary>One thread at a time.</summary>
    public void Remove(uint row, ulong sequence)
    {
        if (_dead.Remove(row, sequence))
        {
            PartOf(row).MarkDead(_rows[row].Slot);
        }
    }

    /// <summary>A bit for each row that is removed.</summary>
    public ulong[] DeadWords()
    {
        var words = new ulong[(Rows + 63) / 64];
        for (uint row = 0; row < Rows; row++)
        {
            words[row >> 6] |= IsAlive(row) ? 0 : 1UL << (int)(row & 63);
        }

        return words;
    }

    /// <summary>False: it is closed already.</summary>
    public bool Acquire() => _holds.TryAdd();

    public void Release()
    {
        if (_holds.Remove())
        {
            foreach (var part in _parts)
            {
                part.Dispose();
            }

            Texts.Dispose();
            Associations.Dispose();
            _file.Dispose();
            if (_deleteAtEnd)
            {
                DeleteFile();
            }
        }
    }

    /// <summary>Its file goes when the last reader has gone: no manifest names it any more. A failure leaves it to the next start.</summary>
    public void DeleteAtEnd() => _deleteAtEnd = true;

    // What searches and merges follow without looking: a pass over what the checksums were just made of.
    private void CheckRows()
    {
        for (uint i = 0; i < Rows; i++)
        {
            if (_rows[i].Part >= _parts.Length || _rows[i].Slot >= _parts[_rows[i].Part].View.Count || _ids[i].Row >= Rows)
            {
                throw _file.Damaged($"row {i} leads outside of it");
            }
        }
    }

    // A copy from before an erasure, restored: what is erased is erased here too.
    private void RemoveErased()
    {
        if (!_file.Has(SectionKind.Keys) || !_seal.IsAnyErased(_file.Rows<ulong>(SectionKind.Keys)))
        {
            return;
        }

        for (uint row = 0; row < Rows; row++)
        {
            if (IsAlive(row) && Stored(row, out var isSealed) is var record && isSealed && _seal.IsErased(record))
            {
                Remove(row, sequence: 0);
                MarkForRewriting();
            }
        }
    }

    // Where among the ids; -1 when it is not there.
    private long IndexOf(ConceptId id) => FirstFrom(id.Value) is var at && at < Rows && _ids[at].Id == id.Value ? at : -1;

    // Where among the ids the first one stands that is not below.
    private long FirstFrom(ulong id)
    {
        // Ids are hashes: where one stands among the others follows from its value, nearly.
        var low = (long)((UInt128)id * Rows >> 64);
        var high = low;
        for (long step = 8; low > 0 && _ids[low].Id >= id; step *= 8)
        {
            low = Math.Max(low - step, 0);
        }

        for (long step = 8; high < Rows && _ids[high].Id < id; step *= 8)
        {
            high = Math.Min(high + step, Rows);
        }

        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ids[middle].Id < id ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void DeleteFile()
    {
        try
        {
            _files.Delete(Path);
            _seal.Retire(SegmentSealing.FileOf(_file.Header.LogId, Number));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KeyRingException or ObjectDisposedException)
        {
            // The next start removes what no manifest names.
        }
    }
}
