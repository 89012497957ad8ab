using System.Runtime.InteropServices;

namespace Sutra.Storage.Hnsw;

/// <summary>The first 64 bytes of a <see cref="GraphImage"/>; the places of all parts follow from it.</summary>
[StructLayout(LayoutKind.Sequential, Size = Alignment)]
internal unsafe struct GraphImageHeader
{
    public const int Alignment = 64;
    public const uint CurrentVersion = 1;

    // "SUTRHNSW" read as a little-endian number.
    public const ulong ExpectedMagic = 0x57534E48_52545553;

    public ulong Magic;
    public uint Version;
    public uint Dimension;
    public uint M;
    public uint Count;
    public uint Entry;
    public uint TopLevel;
    public uint UpperRows;
    public uint HasCodes;
    public uint HasVectors;

    public static GraphImageHeader Of(in GraphView view, bool withVectors) => new()
    {
        Magic = ExpectedMagic,
        Version = CurrentVersion,
        Dimension = (uint)view.Dimension,
        M = (uint)view.M,
        Count = view.Count,
        Entry = view.Entry,
        TopLevel = (uint)view.TopLevel,
        UpperRows = CountUpperRows(view),
        HasCodes = view.Codes.Exists ? 1u : 0,
        HasVectors = withVectors ? 1u : 0,
    };

    /// <summary>Bytes of a part, rounded up.</summary>
    public static long Padded(uint rows, int stride) => ((long)rows * stride + Alignment - 1) & -Alignment;

    /// <exception cref="InvalidDataException">It is no header, of a version unknown here, or names what cannot be.</exception>
    public readonly void Check()
    {
        if (Magic != ExpectedMagic)
        {
            throw new InvalidDataException("Not the image of a vector graph.");
        }

        if (Version != CurrentVersion)
        {
            throw new InvalidDataException($"The image of the vector graph has version {Version}; this program reads version {CurrentVersion}.");
        }

        if (Dimension is 0 or > 65_536 || M is < 4 or > 64 || Count > int.MaxValue || (Count == 0) != (Entry == GraphView.None) || (Count > 0 && Entry >= Count) || TopLevel > 64)
        {
            throw new InvalidDataException("The header of the image of the vector graph is damaged.");
        }
    }

    private static uint CountUpperRows(in GraphView view)
    {
        uint rows = 0;
        for (uint slot = 0; slot < view.Count; slot++)
        {
            rows += *view.Levels[slot];
        }

        return rows;
    }
}
