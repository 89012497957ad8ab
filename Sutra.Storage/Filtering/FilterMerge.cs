namespace Sutra.Storage.Filtering;

/// <summary>Goes through the pairs of several parts at once, in order, and gathers each one's rows by their new numbers.</summary>
internal sealed class FilterMerge
{
    private readonly FilterSource[] _sources;
    private readonly FilterCursor?[] _cursors;
    private uint[] _rows = new uint[1024];
    private uint[] _read = new uint[1024];
    private byte[] _key = [];
    private byte[] _value = [];

    public FilterMerge(ReadOnlySpan<FilterSource> sources)
    {
        _sources = sources.ToArray();
        _cursors = new FilterCursor?[sources.Length];
        for (var i = 0; i < _cursors.Length; i++)
        {
            var cursor = sources[i].Part.Pairs();
            _cursors[i] = cursor.MoveNext() ? cursor : null;
        }
    }

    public delegate void PairHandler(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<uint> rows);

    /// <param name="handle">Takes each pair that has a row left, with its rows, ascending.</param>
    public void Run(PairHandler handle)
    {
        while (First() is >= 0 and var first)
        {
            var key = Keep(ref _key, _cursors[first]!.Key);
            var value = Keep(ref _value, _cursors[first]!.Value);
            var count = 0;
            for (var i = first; i < _cursors.Length; i++)
            {
                if (_cursors[i] is { } cursor && cursor.Value.SequenceEqual(value) && cursor.Key.SequenceEqual(key))
                {
                    count = Gather(cursor, _sources[i].RowMap, count);
                    if (!cursor.MoveNext())
                    {
                        _cursors[i] = null;
                    }
                }
            }

            if (count > 0)
            {
                Sort(_rows.AsSpan(0, count));
                handle(key, value, _rows.AsSpan(0, count));
            }
        }
    }

    private static Span<byte> Keep(ref byte[] buffer, ReadOnlySpan<byte> bytes)
    {
        if (buffer.Length < bytes.Length)
        {
            buffer = new byte[bytes.Length * 2];
        }

        bytes.CopyTo(buffer);
        return buffer.AsSpan(0, bytes.Length);
    }

    private static void Grow(ref uint[] rows, int count)
    {
        if (rows.Length < count)
        {
            Array.Resize(ref rows, (int)Math.Max(count, Math.Min(rows.Length * 2L, Array.MaxLength)));
        }
    }

    private static void Sort(Span<uint> rows)
    {
        for (var i = 1; i < rows.Length; i++)
        {
            if (rows[i - 1] >= rows[i])
            {
                rows.Sort();
                break;
            }
        }
    }

    private int First()
    {
        var first = -1;
        for (var i = 0; i < _cursors.Length; i++)
        {
            if (_cursors[i] is { } cursor && (first < 0 || IsBefore(cursor, _cursors[first]!)))
            {
                first = i;
            }
        }

        return first;
    }

    private static bool IsBefore(FilterCursor left, FilterCursor right) =>
        left.Key.SequenceCompareTo(right.Key) is var order && (order < 0 || (order == 0 && left.Value.SequenceCompareTo(right.Value) < 0));

    private int Gather(FilterCursor cursor, int[]? map, int count)
    {
        Grow(ref _read, cursor.Count);
        Grow(ref _rows, checked(count + cursor.Count));
        var read = _read.AsSpan(0, cursor.Count);
        cursor.CopyRows(read);
        foreach (var row in read)
        {
            var to = map is null ? (int)row : map[row];
            if (to >= 0)
            {
                _rows[count++] = (uint)to;
            }
        }

        return count;
    }
}
