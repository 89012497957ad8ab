using System.Buffers;

namespace Sutra.Storage.Filtering;

/// <summary>A key of a filter section: its values in the order of their bytes, and its numbers and times in theirs.</summary>
internal readonly unsafe struct FilterKey
{
    private readonly byte* _heap;
    private readonly FilterKeyEntry _entry;
    private readonly FilterValueEntry* _values;
    private readonly uint _rows;

    /// <param name="image">The section's begin.</param>
    /// <param name="entry">Checked: heap and tables lie inside of the section.</param>
    /// <param name="rows">Of the section.</param>
    public FilterKey(byte* image, FilterKeyEntry entry, uint rows)
    {
        _heap = image + entry.Heap;
        _entry = entry;
        _values = (FilterValueEntry*)(_heap + FilterImageFormat.Padded((long)entry.HeapLength));
        _rows = rows;
    }

    /// <summary>With the byte before it (<see cref="FilterField.Key"/>).</summary>
    public ReadOnlySpan<byte> Name => new(_heap, (int)_entry.NameLength);

    /// <summary>Different ones.</summary>
    public long Values => _entry.Values;

    /// <summary>Rows that have the key.</summary>
    public uint Rows => _entry.Rows;

    public FilterSortTable Numbers => new((byte*)(_values + _entry.Values), _entry.Numbers);

    public FilterSortTable Times => new((byte*)(_values + _entry.Values) + FilterImageFormat.TableSize(_entry.Numbers), _entry.Times);

    public ReadOnlySpan<byte> Value(long value)
    {
        var (begin, length) = PlaceOf(value);
        return new ReadOnlySpan<byte>(_heap + begin, length);
    }

    public int CountOf(long value) => _values[value].Count is > 0 and var count && count <= _entry.Rows ? (int)count : throw FilterImageFormat.Damaged();

    /// <summary>How many of the rows that have a value are in a set.</summary>
    /// <param name="words">A bit a row.</param>
    public int CountOf(long value, ReadOnlySpan<ulong> words)
    {
        var count = CountOf(value);
        if (count == 1)
        {
            return RowBits.Contains(words, OnlyRow(value)) ? 1 : 0;
        }

        var rows = ArrayPool<uint>.Shared.Rent(count);
        try
        {
            Read(value, rows.AsSpan(0, count));
            var found = 0;
            foreach (var row in rows.AsSpan(0, count))
            {
                found += RowBits.Contains(words, row) ? 1 : 0;
            }

            return found;
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(rows);
        }
    }

    /// <summary>Adds the rows that have a value.</summary>
    public void AddEqual(ReadOnlySpan<byte> text, Span<ulong> words)
    {
        var at = Find(text);
        if (at < Values && Value(at).SequenceEqual(text))
        {
            Add(at, words);
        }
    }

    /// <summary>Adds the rows whose value begins so.</summary>
    public void AddPrefix(ReadOnlySpan<byte> prefix, Span<ulong> words, CancellationToken cancellation = default)
    {
        for (var at = Find(prefix); at < Values && Value(at).StartsWith(prefix); at++)
        {
            cancellation.ThrowIfCancellationRequested();
            Add(at, words);
        }
    }

    /// <summary>Adds the rows whose number or time is in a range, both ends included.</summary>
    public void AddRange(bool times, ulong low, ulong high, Span<ulong> words, CancellationToken cancellation = default)
    {
        var table = times ? Times : Numbers;
        var (from, to) = table.Find(low, high);
        if (to - from == Values)
        {
            AddAll(words);
            return;
        }

        for (var at = from; at < to; at++)
        {
            cancellation.ThrowIfCancellationRequested();
            Add(table.Number(at, _entry.Values), words);
        }
    }

    /// <summary>Adds the rows that have the key.</summary>
    public void AddAll(Span<ulong> words) =>
        FilterPostings.Add(_heap + _entry.Presence, (long)(_entry.HeapLength - _entry.Presence), _entry.Rows, _rows, words);

    /// <summary>Reads the rows that have a value, ascending.</summary>
    public void Read(long value, Span<uint> rows)
    {
        if (rows.Length == 1)
        {
            rows[0] = OnlyRow(value);
            return;
        }

        var data = Postings(value, out var length);
        FilterPostings.Read(data, length, _rows, rows);
    }

    /// <summary>Reads the rows that have the key, ascending.</summary>
    public void ReadAll(Span<uint> rows) => FilterPostings.Read(_heap + _entry.Presence, (long)(_entry.HeapLength - _entry.Presence), _rows, rows);

    private void Add(long value, Span<ulong> words)
    {
        var count = CountOf(value);
        if (count == 1)
        {
            RowBits.Add(words, OnlyRow(value));
            return;
        }

        var data = Postings(value, out var length);
        FilterPostings.Add(data, length, (uint)count, _rows, words);
    }

    private uint OnlyRow(long value) => _values[value].Row is var row && row < _rows ? row : throw FilterImageFormat.Damaged();

    // The first value that is not below.
    private long Find(ReadOnlySpan<byte> text)
    {
        var (low, high) = (0L, Values);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Value(middle).SequenceCompareTo(text) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private (long Begin, int Length) PlaceOf(long value)
    {
        var place = _values[value].Place;
        var (begin, length) = ((long)(place >> FilterImageFormat.LengthBits), (int)(place & ((1 << FilterImageFormat.LengthBits) - 1)));
        return begin + length <= (long)_entry.Presence ? (begin, length) : throw FilterImageFormat.Damaged();
    }

    // From the value's end to the next one's begin.
    private byte* Postings(long value, out long length)
    {
        var (begin, size) = PlaceOf(value);
        var end = value + 1 < Values ? PlaceOf(value + 1).Begin : (long)_entry.Presence;
        length = end - begin - size;
        return length >= 0 ? _heap + begin + size : throw FilterImageFormat.Damaged();
    }
}

/// <summary>Sorted 64-bit keys, and a number to each.</summary>
/// <param name="table">Inside of the section.</param>
/// <param name="count">Keys in it.</param>
internal readonly unsafe struct FilterSortTable(byte* table, uint count)
{
    private readonly uint* _numbers = (uint*)(table + ((long)count * sizeof(ulong)));

    public long Count => count;

    public ulong* Keys => (ulong*)table;

    /// <param name="at">Of a key.</param>
    /// <param name="limit">Every number is below.</param>
    /// <exception cref="InvalidDataException">This one is not.</exception>
    public uint Number(long at, uint limit) => _numbers[at] is var number && number < limit ? number : throw FilterImageFormat.Damaged();

    /// <summary>From where to before where keys are in a range, both ends included.</summary>
    public (long From, long To) Find(ulong low, ulong high)
    {
        if (low > high)
        {
            return (0, 0);
        }

        var from = LowerBound(low);
        return (from, high == ulong.MaxValue ? count : Math.Max(from, LowerBound(high + 1)));
    }

    private long LowerBound(ulong key)
    {
        var (low, high) = (0L, (long)count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Keys[middle] < key ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
