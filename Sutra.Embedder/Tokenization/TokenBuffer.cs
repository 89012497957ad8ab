using System.Buffers;

namespace Sutra.Embedder.Tokenization;

/// <summary>Token ids of all texts of a request, one after the other, in one pooled array. Dispose gives the array back.</summary>
public sealed class TokenBuffer : IDisposable
{
    private int[] _ids;

    public TokenBuffer(int capacity = 256)
    {
        _ids = ArrayPool<int>.Shared.Rent(capacity);
    }

    public int Count { get; private set; }

    public ReadOnlySpan<int> this[TokenRange range] => _ids.AsSpan(range.Start, range.Length);

    public void Add(int id)
    {
        if (Count == _ids.Length)
        {
            Grow(1);
        }

        _ids[Count++] = id;
    }

    public void Add(ReadOnlySpan<int> ids)
    {
        if (ids.Length > _ids.Length - Count)
        {
            Grow(ids.Length);
        }

        ids.CopyTo(_ids.AsSpan(Count));
        Count += ids.Length;
    }

    /// <summary>Forgets everything from <paramref name="count"/> on.</summary>
    public void CutTo(int count) => Count = Math.Min(Count, count);

    /// <summary>Takes <paramref name="count"/> tokens out from <paramref name="start"/> on; those behind move up.</summary>
    public void Remove(int start, int count)
    {
        _ids.AsSpan(start + count, Count - start - count).CopyTo(_ids.AsSpan(start));
        Count -= count;
    }

    public void Dispose()
    {
        var ids = _ids;
        _ids = [];
        Count = 0;
        if (ids.Length > 0)
        {
            ArrayPool<int>.Shared.Return(ids);
        }
    }

    private void Grow(int by)
    {
        var larger = ArrayPool<int>.Shared.Rent(Math.Max(_ids.Length * 2, Count + by));
        _ids.AsSpan(0, Count).CopyTo(larger);
        ArrayPool<int>.Shared.Return(_ids);
        _ids = larger;
    }
}

/// <summary>Where a text's tokens stand in a <see cref="TokenBuffer"/>.</summary>
/// <param name="Start">Index of the first.</param>
/// <param name="Length">How many, special ones included; 0: the model knows nothing of the text.</param>
/// <param name="Truncated">The text was longer than the model reads.</param>
public readonly record struct TokenRange(int Start, int Length, bool Truncated);
