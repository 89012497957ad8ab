using System.Runtime.InteropServices;
using Sutra.Storage.Lexical;

namespace Sutra.Storage.Associations;

/// <summary>The first 64 bytes of a section of associations; docs/associations.md has the tables.</summary>
[StructLayout(LayoutKind.Sequential, Size = LexicalImageFormat.Alignment)]
internal struct AssociationImageHeader
{
    // "SUTRAASC" read as a little-endian number.
    public const ulong ExpectedMagic = 0x43534141_52545553;
    public const uint CurrentVersion = 1;

    public ulong Magic;
    public uint Version;
    public uint Rows;

    /// <summary>Of extraction; 0 when inputs of a merge had several.</summary>
    public uint Rules;
    public uint Zero;
    public ulong RecordBytes;
    public ulong Entities;
    public ulong Links;
}
