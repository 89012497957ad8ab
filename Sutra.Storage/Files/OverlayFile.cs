namespace Sutra.Storage.Files;

/// <summary>What a file of an <see cref="OverlayFileSystem"/> holds: the start of the one beneath, and what was written over and after it. Locked by itself.</summary>
/// <param name="origin">The file beneath; null for a new one.</param>
internal sealed class OverlayContents(string? origin)
{
    private readonly List<(long Offset, byte[] Data)> _written = [];
    private long _kept;
    private long _length;

    public string? Origin => origin;

    public bool IsChanged { get; private set; } = origin is null;

    public long Length(IStorageFile? beneath) => IsChanged ? _length : beneath!.Length;

    public int Read(IStorageFile? beneath, Span<byte> buffer, long offset)
    {
        if (!IsChanged)
        {
            return beneath!.Read(buffer, offset);
        }

        var target = buffer[..(int)Math.Clamp(_length - offset, 0, buffer.Length)];
        target.Clear();
        if (Math.Clamp(_kept - offset, 0, target.Length) is > 0 and var kept)
        {
            _ = beneath!.Read(target[..(int)kept], offset);
        }

        foreach (var (start, data) in _written)
        {
            var from = Math.Max(start, offset);
            var to = Math.Min(start + data.Length, offset + target.Length);
            if (from < to)
            {
                data.AsSpan((int)(from - start), (int)(to - from)).CopyTo(target[(int)(from - offset)..]);
            }
        }

        return target.Length;
    }

    public void Write(IStorageFile? beneath, ReadOnlySpan<byte> data, long offset)
    {
        Change(beneath);
        _written.Add((offset, data.ToArray()));
        _length = Math.Max(_length, offset + data.Length);
    }

    public void Truncate(IStorageFile? beneath, long length)
    {
        Change(beneath);
        _length = length;
        _kept = Math.Min(_kept, length);
        _written.RemoveAll(piece => piece.Offset >= length);
        for (var i = 0; i < _written.Count; i++)
        {
            var (start, data) = _written[i];
            _written[i] = (start, data[..(int)Math.Min(data.Length, length - start)]);
        }
    }

    private void Change(IStorageFile? beneath)
    {
        if (!IsChanged)
        {
            IsChanged = true;
            _length = _kept = beneath!.Length;
        }
    }
}

/// <param name="beneath">Read only, and disposed with this.</param>
internal sealed class OverlayFile(string path, OverlayContents contents, IStorageFile? beneath) : IStorageFile
{
    public string Path => path;

    public long Length
    {
        get
        {
            lock (contents)
            {
                return contents.Length(beneath);
            }
        }
    }

    public int Read(Span<byte> buffer, long offset)
    {
        lock (contents)
        {
            return contents.Read(beneath, buffer, offset);
        }
    }

    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        lock (contents)
        {
            contents.Write(beneath, data, offset);
        }
    }

    public void Flush()
    {
    }

    public void Truncate(long length)
    {
        lock (contents)
        {
            contents.Truncate(beneath, length);
        }
    }

    public void Dispose() => beneath?.Dispose();
}
