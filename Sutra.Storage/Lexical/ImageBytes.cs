using System.Runtime.InteropServices;

namespace Sutra.Storage.Lexical;

/// <summary>Bytes on their way to a stream that cannot seek: counts them, and joins small writes.</summary>
internal sealed class ImageBytes(Stream output)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _used;

    public long Written { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Written += bytes.Length;
        if (bytes.Length > _buffer.Length - _used)
        {
            Flush();
        }

        if (bytes.Length > _buffer.Length)
        {
            output.Write(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    public void Write<T>(T value)
        where T : unmanaged
    {
        Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    /// <summary>Zeros up to a multiple of the alignment.</summary>
    public void Pad()
    {
        Span<byte> zeros = stackalloc byte[LexicalImageFormat.Alignment];
        zeros.Clear();
        Write(zeros[..(int)(LexicalImageFormat.Padded(Written) - Written)]);
    }

    public void Flush()
    {
        output.Write(_buffer, 0, _used);
        _used = 0;
    }
}
