namespace Sutra.Storage.Encryption.Sealing;

/// <summary>Writes a section front to back into a stream, however long it gets. For one thread.</summary>
public sealed class SectionWriter : Stream
{
    private readonly SectionCipher _cipher;
    private readonly Stream _output;
    private readonly byte[] _plain = new byte[SectionCipher.ChunkSize];
    private readonly byte[] _sealed = new byte[SectionCipher.SealedChunkSize];
    private long _length;
    private long _chunk;
    private int _filled;
    private bool _completed;

    /// <param name="keyId">Best one made for the file alone: destroying it erases the file in every copy.</param>
    /// <param name="output">Where to; stays open.</param>
    /// <exception cref="KeyNotUsableException">The key is destroyed or unknown.</exception>
    public SectionWriter(KeyRing ring, ulong keyId, Stream output, SectionPlace place)
    {
        _cipher = SectionCipher.Create(ring, keyId, place);
        _output = output;
        Put(_cipher.Header);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_completed;

    /// <summary>Bytes of plaintext so far.</summary>
    public override long Length => Position;

    public override long Position
    {
        get => _chunk * SectionCipher.ChunkSize + _filled;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        while (buffer.Length > 0)
        {
            // A full chunk waits until more comes: only then is it known not to be the last.
            if (_filled == _plain.Length)
            {
                SealChunk(_plain, last: false);
                _filled = 0;
            }

            if (_filled == 0 && buffer.Length > _plain.Length)
            {
                SealChunk(buffer[.._plain.Length], last: false);
                buffer = buffer[_plain.Length..];
                continue;
            }

            var count = Math.Min(buffer.Length, _plain.Length - _filled);
            buffer[..count].CopyTo(_plain.AsSpan(_filled));
            _filled += count;
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Seals the last chunk; without it the section does not open.</summary>
    /// <returns>Bytes in the output, which the reader must be told.</returns>
    public long Complete()
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        SealChunk(_plain.AsSpan(0, _filled), last: true);
        _completed = true;
        return _length;
    }

    /// <summary>Nothing: what is not a whole chunk cannot be sealed yet.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _completed = true;
        _cipher.Dispose();
        Array.Clear(_plain);
        base.Dispose(disposing);
    }

    private void SealChunk(ReadOnlySpan<byte> plaintext, bool last)
    {
        _cipher.Seal(_chunk++, last, plaintext, _sealed);
        Put(_sealed.AsSpan(0, plaintext.Length + Xaes256Gcm.TagSize));
    }

    private void Put(ReadOnlySpan<byte> data)
    {
        _output.Write(data);
        _length += data.Length;
    }
}
