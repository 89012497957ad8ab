using System.Runtime.InteropServices;

namespace Sutra.Storage.Vectors;

/// <summary>
/// Rows of one size in native memory that grows by doubling without ever moving: readers keep their <see cref="View"/> while a
/// writer adds. Fresh rows hold garbage. Not thread-safe for writers; free it only when nobody reads.
/// </summary>
internal sealed unsafe class RowStore : IDisposable
{
    // Below this a chunk is cheaper without huge pages than with a page it does not fill.
    private const nuint HugePage = 2 << 20;
    private const nuint CacheLine = 64;
    private const int TableEntries = 33;

    private readonly byte** _table;
    private readonly nint[] _allocations = new nint[TableEntries];
    private readonly int _shift;
    private readonly int _stride;
    private int _chunks;
    private bool _disposed;

    /// <param name="stride">Bytes a row. A multiple of 64 keeps every row on its own cache lines.</param>
    /// <param name="firstChunk">Rows of the first chunk, as a power of two: 10 for 1,024.</param>
    public RowStore(int stride, int firstChunk = 10)
    {
        _stride = stride;
        _shift = firstChunk;
        _table = (byte**)NativeMemory.AllocZeroed(TableEntries, (nuint)sizeof(byte*));
    }

    public RowView View => new(_table, _shift, _stride);

    /// <summary>Rows there is room for.</summary>
    public uint Capacity { get; private set; }

    /// <summary>Makes room for rows 0 to <paramref name="rows"/> - 1.</summary>
    /// <exception cref="OutOfMemoryException">The system gives no more; what was there stays as it was.</exception>
    public void EnsureCapacity(uint rows)
    {
        while (Capacity < rows)
        {
            var (first, count) = _chunks == 0 ? (0u, 1u << _shift) : (Capacity, Capacity);
            var bytes = (nuint)count * (nuint)_stride;
            var memory = (byte*)NativeMemory.AlignedAlloc(bytes, bytes >= HugePage ? HugePage : CacheLine);
            if (bytes >= HugePage)
            {
                MemoryAdvice.UseHugePages(memory, bytes);
            }

            _allocations[_chunks] = (nint)memory;
            Volatile.Write(ref *(nint*)&_table[_chunks], (nint)(memory - (nuint)first * (nuint)_stride));
            _chunks++;
            Capacity = first + count;
        }
    }

    public void Dispose()
    {
        for (var i = 0; i < _chunks; i++)
        {
            NativeMemory.AlignedFree((void*)_allocations[i]);
        }

        _chunks = 0;
        Capacity = 0;
        if (!_disposed)
        {
            _disposed = true;
            NativeMemory.Free(_table);
        }
    }
}
