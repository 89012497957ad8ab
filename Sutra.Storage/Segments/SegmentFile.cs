using System.Runtime.InteropServices;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>A mapped segment file: its header and table, and its sections as memory. Checks every section that is not checked by row.</summary>
internal sealed unsafe class SegmentFile : IDisposable
{
    private readonly IMappedFile _map;
    private readonly SectionEntry[] _sections;
    private readonly OpenedSections _opened = new();

    private SegmentFile(string path, IMappedFile map, SegmentFileHeader header, SectionEntry[] sections)
    {
        Path = path;
        _map = map;
        Header = header;
        _sections = sections;
    }

    public string Path { get; }

    public SegmentFileHeader Header { get; }

    public long Length => _map.Length;

    public IReadOnlyList<SectionEntry> Sections => _sections;

    /// <summary>How many models have vectors in it.</summary>
    public int Parts => _sections.Count(section => section.Kind == SectionKind.Model);

    /// <exception cref="SegmentCorruptException">It is not the whole segment that was written under this number.</exception>
    public static SegmentFile Open(IFileSystem files, string path, Guid logId, ulong number, CollectionSeal seal)
    {
        var map = files.Map(path);
        try
        {
            var header = ReadHeader(map, path);
            if (header.LogId != logId || header.Number != number)
            {
                throw new SegmentCorruptException($"'{path}' is a segment of other data, or was renamed.");
            }

            var file = new SegmentFile(path, map, header, ReadTable(map, header, path));
            try
            {
                file.CheckSections();
                file.OpenSealed(files, seal);
                return file;
            }
            catch
            {
                file._opened.Dispose();
                throw;
            }
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    public SectionEntry Entry(SectionKind kind, int part = 0)
    {
        foreach (var section in _sections)
        {
            if (section.Kind == kind && section.Part == part)
            {
                return section;
            }
        }

        throw Damaged($"it has no section {kind} of part {part}");
    }

    public bool Has(SectionKind kind) => Array.Exists(_sections, section => section.Kind == kind);

    public byte* Address(SectionEntry section) => section.Sealed != 0 ? _opened.Address(section.Sealed) : _map.Address + section.Offset;

    public ReadOnlySpan<T> Rows<T>(SectionKind kind, int part = 0)
        where T : unmanaged
    {
        var section = Entry(kind, part);
        return new ReadOnlySpan<T>(Address(section), checked((int)(section.Length / sizeof(T))));
    }

    /// <summary>A section that is not looked at until it is needed, checked now.</summary>
    public ReadOnlySpan<byte> Checked(SectionKind kind, int part)
    {
        var section = Entry(kind, part);
        return section.Sealed != 0 || Checksum(section) == section.Checksum ? Rows<byte>(kind, part) : throw Damaged($"section {kind} of part {part} fails its checksum");
    }

    public SegmentCorruptException Damaged(string what) => new($"'{Path}' is corrupt: {what}.");

    public void Dispose()
    {
        _opened.Dispose();
        _map.Dispose();
    }

    private static SegmentFileHeader ReadHeader(IMappedFile map, string path)
    {
        if (map.Length < SegmentFileHeader.Size || *(ulong*)map.Address != SegmentFileHeader.ExpectedMagic)
        {
            throw new SegmentCorruptException($"'{path}' is not a segment of concepts (no header).");
        }

        var header = *(SegmentFileHeader*)map.Address;
        if (header.Checksum != SegmentFileHeader.ChecksumOf(header))
        {
            throw new SegmentCorruptException($"The header of '{path}' is corrupt (checksum).");
        }

        return header.Version == SegmentFileHeader.CurrentVersion
            ? header
            : throw new SegmentCorruptException($"'{path}' has segment format {header.Version}; this program reads format {SegmentFileHeader.CurrentVersion}.");
    }

    private static SectionEntry[] ReadTable(IMappedFile map, SegmentFileHeader header, string path)
    {
        var bytes = (long)header.Sections * SectionEntry.Size;
        if ((long)header.TableOffset < 0 || (long)header.TableOffset > map.Length - bytes)
        {
            throw new SegmentCorruptException($"'{path}' is cut off.");
        }

        var table = new ReadOnlySpan<byte>(map.Address + header.TableOffset, (int)bytes);
        if (Crc32C.Compute(table) != header.TableChecksum)
        {
            throw new SegmentCorruptException($"The table of sections of '{path}' is corrupt (checksum).");
        }

        return MemoryMarshal.Cast<byte, SectionEntry>(table).ToArray();
    }

    private void CheckSections()
    {
        foreach (var section in _sections)
        {
            if (section.Offset < 0 || section.Length < 0 || section.Offset > Length - section.Length)
            {
                throw Damaged("a section lies outside of it");
            }
        }

        // Independent of each other, and some hundred megabytes in a large segment.
        var good = new bool[_sections.Length];
        Parallel.For(0, good.Length, i => good[i] = IsCheckedLater(_sections[i].Kind) || Checksum(_sections[i]) == _sections[i].Checksum);
        if (Array.IndexOf(good, false) is >= 0 and var bad)
        {
            throw Damaged($"section {_sections[bad].Kind} of part {_sections[bad].Part} fails its checksum");
        }
    }

    // Their entries tell from now on what is in memory. A section's number begins at 1 there: 0 is one that is not sealed.
    private void OpenSealed(IFileSystem files, CollectionSeal seal)
    {
        if (Array.TrueForAll(_sections, section => section.Sealed == 0))
        {
            return;
        }

        var ring = seal.Ring ?? throw Damaged("it is sealed, and there is no key ring");
        var place = SegmentSealing.FileOf(Header.LogId, Header.Number);
        using var file = files.Open(Path);
        for (var i = 0; i < _sections.Length; i++)
        {
            ref var section = ref _sections[i];
            if (section.Sealed == 0)
            {
                continue;
            }

            try
            {
                section.Sealed = (uint)i + 1;
                section.Length = _opened.Open(ring, file, section.Offset, section.Length, new SectionPlace(place, section.Sealed));
            }
            catch (Exception e) when (e is SectionCorruptException or KeyNotUsableException)
            {
                throw Damaged($"section {section.Kind} of part {section.Part} does not open: {e.Message}");
            }
        }
    }

    private static bool IsCheckedLater(SectionKind kind) => kind is SectionKind.Payloads or SectionKind.Vectors or SectionKind.Worths;

    private uint Checksum(SectionEntry section)
    {
        const int Step = 1 << 26;
        var checksum = 0u;
        for (long at = 0; at < section.Length; at += Step)
        {
            checksum = Crc32C.Append(checksum, new ReadOnlySpan<byte>(_map.Address + section.Offset + at, (int)Math.Min(Step, section.Length - at)));
        }

        return checksum;
    }
}
