namespace Sutra.Storage.Encryption.Sealing;

/// <summary>Where a section belongs: a section of another file, or another section of the same one, does not open in its place.</summary>
/// <param name="File">Random, of the file.</param>
/// <param name="Section">Number of the section in the file.</param>
public readonly record struct SectionPlace(Guid File, uint Section)
{
    internal const int Size = 16 + sizeof(uint);

    internal void Write(Span<byte> target)
    {
        File.TryWriteBytes(target, bigEndian: true, out _);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Section);
    }
}

/// <summary>A section was altered, cut, or is not from where it was found. The message names file and chunk.</summary>
public sealed class SectionCorruptException(string message) : IOException(message);
