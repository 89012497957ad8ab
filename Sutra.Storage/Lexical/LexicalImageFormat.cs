using System.Runtime.InteropServices;

namespace Sutra.Storage.Lexical;

/// <summary>Numbers that writer and reader of an image agree on. The format is described in docs/lexical-index.md.</summary>
internal static class LexicalImageFormat
{
    public const uint CurrentVersion = 1;
    public const int Alignment = 64;

    // "SUTRLEXI" and "LEXIEND." read as little-endian numbers.
    public const ulong HeaderMagic = 0x4958454C_52545553;
    public const ulong FooterMagic = 0x2E444E45_4958454C;

    /// <summary>Postings of a whole block.</summary>
    public const int BlockSize = 128;

    /// <summary>Terms that share one entry of the sparse index.</summary>
    public const int TermsPerBlock = 16;

    /// <summary>Impacts of a whole list of more than one block, ahead of its table.</summary>
    public const int ListHead = sizeof(ulong);

    public static long Padded(long bytes) => (bytes + Alignment - 1) & -Alignment;
}

/// <summary>The first 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = LexicalImageFormat.Alignment)]
internal struct LexicalImageHeader
{
    public ulong Magic;
    public uint Version;
    public uint Rows;
}

/// <summary>The last 64 bytes: what was not known before.</summary>
[StructLayout(LayoutKind.Sequential, Size = LexicalImageFormat.Alignment)]
internal struct LexicalImageFooter
{
    public ulong PostingsLength;
    public ulong DictionaryLength;
    public uint Terms;
    public uint Documents;
    public ulong TotalLength;
    public ulong Postings;
    public ulong Zero1;
    public ulong Zero2;
    public ulong Magic;
}

/// <summary>One of a long list's blocks.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
internal struct PostingBlock
{
    public uint LastRow;

    /// <summary>Where it begins, in bytes from the end of the table.</summary>
    public uint Offset;

    public ulong Impacts;
}

/// <summary>What the sparse index has for sixteen terms.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct TermBlock
{
    /// <summary>Where their entries begin in the dictionary.</summary>
    public ulong Entries;

    /// <summary>Where the first term's postings begin.</summary>
    public ulong Postings;
}
