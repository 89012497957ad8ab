using Sutra.Storage.Files;
using Sutra.Storage.Log;

namespace Sutra.Storage.Segments;

/// <summary>Writes a file from front to back through a buffer, and knows the checksum of what was written since <see cref="Begin"/>.</summary>
/// <param name="start">Where in the file it begins.</param>
internal sealed class SectionStream(IStorageFile file, long start = 0) : Stream
{
    private const int BufferSize = 1 << 20;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _buffered;
    private long _written = start;
    private long _start;
    private uint _checksum;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Position;

    public override long Position
    {
        get => _written + _buffered;
        set => throw new NotSupportedException();
    }

    /// <summary>Pads to the next boundary and starts a section there.</summary>
    public void Begin(int alignment = SectionEntry.Alignment)
    {
        var padding = (int)(-Position & (alignment - 1));
        Span<byte> zeros = stackalloc byte[256];
        zeros.Clear();
        for (; padding > 0; padding -= Math.Min(padding, zeros.Length))
        {
            Write(zeros[..Math.Min(padding, zeros.Length)]);
        }

        _start = Position;
        _checksum = 0;
    }

    public SectionEntry End(SectionKind kind, int part = 0, uint flags = 0, bool checkedByRow = false) => new()
    {
        Kind = kind,
        Part = (ushort)part,
        Flags = flags,
        Offset = _start,
        Length = Position - _start,
        Checksum = checkedByRow ? 0 : _checksum,
    };

    public override void Write(ReadOnlySpan<byte> data)
    {
        _checksum = Crc32C.Append(_checksum, data);
        while (!data.IsEmpty)
        {
            var count = Math.Min(data.Length, BufferSize - _buffered);
            data[..count].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += count;
            data = data[count..];
            if (_buffered == BufferSize)
            {
                Flush();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>To the file, not to the disk.</summary>
    public override void Flush()
    {
        if (_buffered > 0)
        {
            file.Write(_buffer.AsSpan(0, _buffered), _written);
            _written += _buffered;
            _buffered = 0;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
