using Sutra.Storage.Files;

namespace Sutra.Storage.Encryption.Sealing;

/// <summary>Writes a section front to back, however long it gets. For one thread.</summary>
public sealed class SectionWriter : IDisposable
{
    private readonly SectionCipher _cipher;
    private readonly IStorageFile _file;
    private readonly byte[] _plain = new byte[SectionCipher.ChunkSize];
    private readonly byte[] _sealed = new byte[SectionCipher.SealedChunkSize];
    private readonly long _start;
    private long _offset;
    private long _chunk;
    private int _filled;
    private bool _completed;

    /// <param name="keyId">Best one made for the file alone: destroying it erases the file in every copy.</param>
    /// <param name="offset">Where in the file the section begins.</param>
    /// <exception cref="KeyNotUsableException">The key is destroyed or unknown.</exception>
    public SectionWriter(KeyRing ring, ulong keyId, IStorageFile file, long offset, SectionPlace place)
    {
        _cipher = SectionCipher.Create(ring, keyId, place);
        _file = file;
        _start = _offset = offset;
        Write(_cipher.Header);
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        while (data.Length > 0)
        {
            // A full chunk waits until more comes: only then is it known not to be the last.
            if (_filled == _plain.Length)
            {
                SealChunk(_plain, last: false);
                _filled = 0;
            }

            if (_filled == 0 && data.Length > _plain.Length)
            {
                SealChunk(data[.._plain.Length], last: false);
                data = data[_plain.Length..];
                continue;
            }

            var count = Math.Min(data.Length, _plain.Length - _filled);
            data[..count].CopyTo(_plain.AsSpan(_filled));
            _filled += count;
            data = data[count..];
        }
    }

    /// <summary>Seals the last chunk; without it the section does not open. Flushing the file is the caller's.</summary>
    /// <returns>Bytes on the disk, which the reader must be told.</returns>
    public long Complete()
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        SealChunk(_plain.AsSpan(0, _filled), last: true);
        _completed = true;
        return _offset - _start;
    }

    public void Dispose()
    {
        _completed = true;
        _cipher.Dispose();
        Array.Clear(_plain);
    }

    private void SealChunk(ReadOnlySpan<byte> plaintext, bool last)
    {
        _cipher.Seal(_chunk++, last, plaintext, _sealed);
        Write(_sealed.AsSpan(0, plaintext.Length + Xaes256Gcm.TagSize));
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        _file.Write(data, _offset);
        _offset += data.Length;
    }
}
