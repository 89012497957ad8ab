using System.Runtime.InteropServices;
using Sutra.Storage.Encryption;
using Sutra.Storage.Encryption.Sealing;
using Sutra.Storage.Files;

namespace Sutra.Storage.Segments;

/// <summary>The sealed sections of a file, opened into memory that is wiped when they are let go.</summary>
internal sealed unsafe class OpenedSections : IDisposable
{
    private const int Alignment = 4096;

    private readonly Dictionary<uint, (nint Address, long Length)> _sections = [];

    public byte* Address(uint section) => (byte*)_sections[section].Address;

    /// <returns>Bytes of plaintext.</returns>
    /// <exception cref="SectionCorruptException">It is not what was sealed there.</exception>
    /// <exception cref="KeyNotUsableException">Its key is destroyed, or the ring does not have it.</exception>
    public long Open(KeyRing ring, IStorageFile file, long offset, long length, SectionPlace place)
    {
        using var reader = new SectionReader(ring, file, offset, length, place);
        var address = NativeMemory.AlignedAlloc((nuint)Math.Max(reader.Length, 1), Alignment);
        _sections.Add(place.Section, ((nint)address, reader.Length));
        reader.ReadAll((byte*)address);
        return reader.Length;
    }

    public void Dispose()
    {
        foreach (var (address, length) in _sections.Values)
        {
            NativeMemory.Clear((void*)address, (nuint)length);
            NativeMemory.AlignedFree((void*)address);
        }

        _sections.Clear();
    }
}
