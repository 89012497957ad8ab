using Sutra.Storage.Lexical;

namespace Sutra.Storage.Associations;

/// <summary>
/// Associations served from memory that somebody else owns, such as a mapped file. Whatever the bytes are, reading stays inside them: each
/// length is checked where it is used.
/// </summary>
internal sealed unsafe class AssociationImage : AssociationPart, IDisposable
{
    private readonly ulong* _offsets;
    private readonly byte* _records;
    private readonly ulong _recordBytes;
    private readonly LexicalImage _terms;

    private AssociationImage(byte* image, long length, AssociationImageHeader header, LexicalImage terms)
    {
        Rules = header.Rules;
        Entities = (long)header.Entities;
        Links = (long)header.Links;
        Length = length;
        _offsets = (ulong*)(image + LexicalImageFormat.Alignment);
        _records = image + LexicalImageFormat.Alignment + OffsetBytes(header.Rows);
        _recordBytes = header.RecordBytes;
        _terms = terms;
    }

    public override uint Rules { get; }

    public override LexicalPart Terms => _terms;

    /// <summary>Pairs of concept and entity.</summary>
    public long Entities { get; }

    public long Links { get; }

    /// <summary>Bytes of all.</summary>
    public long Length { get; }

    /// <summary>Opens what <see cref="AssociationImageWriter"/> wrote.</summary>
    /// <param name="image">At a multiple of 64 bytes. Must stay until this is disposed; whoever maps it has checked its checksum.</param>
    /// <param name="length">Bytes of it, exactly.</param>
    /// <exception cref="InvalidDataException">It is no such image, of another version, or not whole.</exception>
    public static AssociationImage Open(byte* image, long length)
    {
        if (length < LexicalImageFormat.Alignment)
        {
            throw CutOff();
        }

        var header = *(AssociationImageHeader*)image;
        if (header.Magic != AssociationImageHeader.ExpectedMagic)
        {
            throw new InvalidDataException("Not an image of associations.");
        }

        if (header.Version != AssociationImageHeader.CurrentVersion)
        {
            throw new InvalidDataException($"The image of associations has version {header.Version}; this program reads version {AssociationImageHeader.CurrentVersion}.");
        }

        var before = LexicalImageFormat.Alignment + OffsetBytes(header.Rows);
        if (header.Rows > int.MaxValue || before > length || header.RecordBytes > (ulong)(length - before))
        {
            throw CutOff();
        }

        before += LexicalImageFormat.Padded((long)header.RecordBytes);
        if (before > length)
        {
            throw CutOff();
        }

        var terms = LexicalImage.Open(image + before, length - before);
        if (terms.Rows != header.Rows)
        {
            terms.Dispose();
            throw CutOff();
        }

        return new AssociationImage(image, length, header, terms);
    }

    public override ReadOnlySpan<byte> Record(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        var (from, to) = (_offsets[row], _offsets[row + 1]);
        return from <= to && to <= _recordBytes && to - from is >= 2 and <= ushort.MaxValue
            ? new ReadOnlySpan<byte>(_records + from, (int)(to - from))
            : throw AssociationReader.Damaged();
    }

    /// <summary>Frees what this holds itself. Nobody may be reading.</summary>
    public void Dispose() => _terms.Dispose();

    private static long OffsetBytes(uint rows) => LexicalImageFormat.Padded(((long)rows + 1) * sizeof(ulong));

    private static InvalidDataException CutOff() => new("The image of associations is cut off or damaged.");
}
