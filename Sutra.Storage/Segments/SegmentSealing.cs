using System.Buffers.Binary;
using Sutra.Storage.Encryption;

namespace Sutra.Storage.Segments;

/// <summary>Which sections of a segment each mode seals, and with which key.</summary>
internal static class SegmentSealing
{
    /// <summary>Payloads are sealed row by row; ids, rows and the models' names never are.</summary>
    public static bool IsSealed(this EncryptionMode mode, SectionKind kind) => kind switch
    {
        SectionKind.Lexical or SectionKind.Filters or SectionKind.Associations => mode >= EncryptionMode.Content,
        SectionKind.Graph or SectionKind.Vectors or SectionKind.VectorChecksums or SectionKind.Worths => mode == EncryptionMode.Full,
        _ => false,
    };

    /// <summary>Whether it shows what the mode would seal: it was written under another.</summary>
    public static bool ShowsTooMuch(this EncryptionMode mode, IEnumerable<SectionEntry> sections) =>
        sections.Any(section => section.Sealed == 0 && mode.IsSealed(section.Kind));

    /// <summary>What the file's key and its sections are bound to: other than that of any other file.</summary>
    public static Guid FileOf(Guid logId, ulong number)
    {
        Span<byte> bytes = stackalloc byte[16];
        logId.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) ^ number);
        return new Guid(bytes, bigEndian: true);
    }
}
