using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sutra.Storage.Files;
using Sutra.Storage.Filtering;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>Which rows of a segment were removed before a checkpoint: a header, a bit a row, a checksum.</summary>
internal static class DeletionFile
{
    private const int HeadSize = 32;
    private const int FlagsOffset = 24;
    private const uint Version = 1;
    private const uint Rewrite = 1;

    private static ReadOnlySpan<byte> Magic => "SUTRADEL"u8;

    /// <summary>Writes it aside and gives it its name; durable after the folder is flushed.</summary>
    /// <param name="rewrite">The segment has to be written anew without them.</param>
    public static void Write(IFileSystem files, string path, ulong segment, uint rows, ReadOnlySpan<ulong> dead, bool rewrite)
    {
        var bytes = new byte[HeadSize + dead.Length * sizeof(ulong) + sizeof(uint)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), rows);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), segment);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FlagsOffset), rewrite ? Rewrite : 0);
        MemoryMarshal.AsBytes(dead).CopyTo(bytes.AsSpan(HeadSize));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Crc32C.Compute(bytes.AsSpan(0, bytes.Length - sizeof(uint))));
        using (var file = files.Create(path + SegmentNames.Aside))
        {
            file.Write(bytes, 0);
            file.Flush();
        }

        files.Rename(path + SegmentNames.Aside, path);
    }

    /// <summary>The removed rows.</summary>
    /// <exception cref="SegmentCorruptException">It is not what was written for this segment.</exception>
    public static IEnumerable<uint> Read(IFileSystem files, string path, ulong segment, uint rows, out bool rewrite)
    {
        using var file = files.Open(path);
        var words = (int)((rows + 63) / 64);
        var bytes = new byte[HeadSize + words * sizeof(ulong) + sizeof(uint)];
        if (file.Length != bytes.Length
            || file.Read(bytes, 0) != bytes.Length
            || !bytes.AsSpan().StartsWith(Magic)
            || Crc32C.Compute(bytes.AsSpan(0, bytes.Length - sizeof(uint))) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)))
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)) != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)) != segment)
        {
            throw new SegmentCorruptException($"'{path}' is corrupt: it is not the list of removed rows that was written.");
        }

        rewrite = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(FlagsOffset)) == Rewrite;
        return RowBits.Rows(MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan(HeadSize, words * sizeof(ulong))).ToArray());
    }
}
