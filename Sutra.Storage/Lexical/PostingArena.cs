using System.Numerics;
using System.Runtime.CompilerServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>
/// Bytes that stay where they are, for one writer and readers that see what was published: terms, and lists of postings in slices that
/// double from 8 to 4,096 bytes, each followed by the address of the next.
/// </summary>
internal sealed unsafe class PostingArena : IDisposable
{
    public const int MaxLevel = 9;

    // RowStore doubles and counts rows in 32 bits.
    public const uint Limit = 1u << 31;

    private const int FirstChunk = 16;

    private readonly RowStore _bytes = new(1, FirstChunk);
    private uint _used;

    public RowView View => _bytes.View;

    public uint Used => _used;

    /// <summary>Payload of a slice.</summary>
    public static uint SliceSize(int level) => 8u << level;

    /// <summary>Room that lies in one piece.</summary>
    public uint Allocate(uint size)
    {
        // A chunk of the store ends at a power of two.
        var end = _used < 1 << FirstChunk ? 1u << FirstChunk : 2u << BitOperations.Log2(_used);
        var start = end - _used < size ? end : _used;
        if (start + (ulong)size > Limit)
        {
            throw new InvalidOperationException("The lexical index in memory is full.");
        }

        _bytes.EnsureCapacity(start + size);
        _used = start + size;
        return start;
    }

    public uint AllocateSlice(int level) => Allocate(SliceSize(level) + sizeof(uint));

    public static uint NextSlice(byte* sliceEnd) => Unsafe.ReadUnaligned<uint>(sliceEnd);

    public void Dispose() => _bytes.Dispose();
}
