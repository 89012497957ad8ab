using System.Buffers;
using Sutra.Storage.Files;

namespace Sutra.Storage.Encryption.Sealing;

/// <summary>
/// Reads a sealed section anywhere, a chunk at a time, into memory of the caller's. Every member may be called by any thread at any
/// time. A key that is destroyed while the section is open does not close it: the owner of the file does.
/// </summary>
public sealed class SectionReader : IDisposable
{
    private readonly SectionCipher _cipher;
    private readonly IStorageFile _file;
    private readonly long _start;
    private readonly long _chunks;
    private readonly SectionPlace _place;

    /// <summary>Opens header and last chunk, so that a section that was cut off is refused whatever is read of it.</summary>
    /// <param name="offset">Where in the file the section begins.</param>
    /// <param name="sealedLength">What <see cref="SectionWriter.Complete"/> returned.</param>
    /// <exception cref="SectionCorruptException">Altered, cut, or from another place.</exception>
    /// <exception cref="KeyNotUsableException">Its key is destroyed (the section is erased) or unknown.</exception>
    public SectionReader(KeyRing ring, IStorageFile file, long offset, long sealedLength, SectionPlace place)
    {
        _file = file;
        _start = offset + SectionCipher.HeaderSize;
        _place = place;
        Length = SectionCipher.PlainLength(sealedLength);
        _chunks = SectionCipher.ChunkCount(Length);
        var header = new byte[SectionCipher.HeaderSize];
        if (Length < 0 || file.Read(header, offset) < header.Length)
        {
            throw new SectionCorruptException($"Section {place.Section} of file {place.File:N} is cut short.");
        }

        _cipher = SectionCipher.Open(ring, header, place);
        var last = ArrayPool<byte>.Shared.Rent(SectionCipher.ChunkSize);
        try
        {
            OpenChunk(_chunks - 1, last.AsSpan(0, PlainSize(_chunks - 1)));
        }
        catch
        {
            _cipher.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(last, clearArray: true);
        }
    }

    /// <summary>Bytes of plaintext.</summary>
    public long Length { get; }

    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/> on. Whole chunks are opened in place.</summary>
    /// <exception cref="SectionCorruptException">A chunk is not as it was sealed; the target holds nothing to be used.</exception>
    public void Read(long offset, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target.Length, Length - offset, nameof(target));
        byte[]? scratch = null;
        try
        {
            while (target.Length > 0)
            {
                var chunk = offset / SectionCipher.ChunkSize;
                var within = (int)(offset % SectionCipher.ChunkSize);
                var size = PlainSize(chunk);
                var count = Math.Min(size - within, target.Length);
                if (count == size)
                {
                    OpenChunk(chunk, target[..count]);
                }
                else
                {
                    scratch ??= ArrayPool<byte>.Shared.Rent(SectionCipher.ChunkSize);
                    OpenChunk(chunk, scratch.AsSpan(0, size));
                    scratch.AsSpan(within, count).CopyTo(target);
                }

                target = target[count..];
                offset += count;
            }
        }
        finally
        {
            if (scratch is not null)
            {
                ArrayPool<byte>.Shared.Return(scratch, clearArray: true);
            }
        }
    }

    /// <summary>The whole section into <see cref="Length"/> bytes at <paramref name="target"/>, on several threads.</summary>
    /// <param name="threads">At most; 0 = one a processor.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public unsafe void ReadAll(byte* target, int threads = 0)
    {
        var workers = (int)Math.Min(threads > 0 ? threads : Environment.ProcessorCount, _chunks);
        long next = -1;
        var failure = default(Exception);
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            try
            {
                for (var chunk = Interlocked.Increment(ref next); chunk < _chunks && failure is null; chunk = Interlocked.Increment(ref next))
                {
                    OpenChunk(chunk, new Span<byte>(target + (chunk * SectionCipher.ChunkSize), PlainSize(chunk)));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
        });
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    public void Dispose() => _cipher.Dispose();

    private int PlainSize(long chunk) => (int)Math.Min(SectionCipher.ChunkSize, Length - (chunk * SectionCipher.ChunkSize));

    private void OpenChunk(long chunk, Span<byte> target)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SectionCipher.SealedChunkSize);
        try
        {
            var source = buffer.AsSpan(0, target.Length + Xaes256Gcm.TagSize);
            if (_file.Read(source, _start + (chunk * SectionCipher.SealedChunkSize)) < source.Length
                || !_cipher.TryOpen(chunk, last: chunk == _chunks - 1, source, target))
            {
                throw new SectionCorruptException($"Section {_place.Section} of file {_place.File:N} is corrupt in chunk {chunk} of {_chunks}.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
