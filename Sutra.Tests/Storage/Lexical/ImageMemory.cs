using System.Runtime.InteropServices;
using Sutra.Storage.Lexical;

namespace Sutra.Tests.Storage.Lexical;

/// <summary>An image in memory that ends where no page follows (on Linux): a read beyond the end ends the process, and is noticed.</summary>
internal sealed unsafe partial class ImageMemory : IDisposable
{
    private const int PageSize = 4096;

    private readonly byte* _memory;
    private readonly nuint _mapped;

    public ImageMemory(byte[] image)
    {
        Length = image.Length;
        var pages = ((nuint)image.Length + PageSize - 1) / PageSize;
        if (OperatingSystem.IsLinux())
        {
            _mapped = (pages + 1) * PageSize;
            _memory = (byte*)Map(null, _mapped, 3, 0x22, -1, 0);
            Assert.AreNotEqual(-1, (nint)_memory, "mmap failed");
            Assert.AreEqual(0, Protect(_memory + pages * PageSize, PageSize, 0), "mprotect failed");
            Image = _memory + pages * PageSize - (nuint)image.Length;
        }
        else
        {
            Image = _memory = (byte*)NativeMemory.AlignedAlloc((nuint)image.Length, 64);
        }

        image.CopyTo(Bytes);
    }

    public byte* Image { get; }

    public long Length { get; }

    public Span<byte> Bytes => new(Image, (int)Length);

    public static byte[] Write(int rows, params LexicalSource[] sources)
    {
        using var output = new MemoryStream();
        LexicalImageWriter.Write(output, rows, sources);
        return output.ToArray();
    }

    public static ImageMemory Of(MutableLexicalIndex index) => new(Write(index.Rows, new LexicalSource(index.Snapshot(), null)));

    public LexicalImage Open() => LexicalImage.Open(Image, Length);

    public void Dispose()
    {
        if (_mapped > 0)
        {
            Unmap(_memory, _mapped);
        }
        else
        {
            NativeMemory.AlignedFree(_memory);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
