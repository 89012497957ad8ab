using System.Runtime.InteropServices;

namespace Sutra.Storage.Vectors;

/// <summary>A <see cref="RowView"/> over one run of memory that somebody else owns, such as a mapped file. Holds eight bytes of its own.</summary>
internal sealed unsafe class FlatRows : IDisposable
{
    // All numbers below 2^31 are then in "chunk" 0.
    private const int OneChunk = 31;

    private readonly int _stride;
    private byte** _table;

    public FlatRows(byte* rows, int stride)
    {
        _stride = stride;
        _table = (byte**)NativeMemory.Alloc((nuint)sizeof(byte*));
        _table[0] = rows;
    }

    public RowView View => new(_table, OneChunk, _stride);

    public void Dispose()
    {
        NativeMemory.Free(_table);
        _table = null;
    }
}
