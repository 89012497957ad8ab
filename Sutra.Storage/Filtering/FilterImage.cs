namespace Sutra.Storage.Filtering;

/// <summary>
/// A filter section served from memory that somebody else owns. Whatever the bytes are, reading stays inside them: what opening does not check is
/// checked where it is used.
/// </summary>
internal sealed unsafe class FilterImage : FilterPart
{
    private readonly byte* _image;
    private readonly FilterKeyEntry* _keys;

    private FilterImage(byte* image, FilterImageHeader header, FilterImageFooter footer)
    {
        _image = image;
        _keys = (FilterKeyEntry*)(image + footer.Directory);
        Rows = header.Rows;
        Keys = (int)footer.Keys;
        PairCount = (long)footer.Pairs;
    }

    /// <summary>Different keys.</summary>
    public int Keys { get; }

    /// <summary>Pairs of key and row.</summary>
    public long PairCount { get; }

    /// <summary>Opens what <see cref="FilterImageWriter"/> wrote; reads its directory.</summary>
    /// <param name="image">At a multiple of 8 bytes. Must stay as long as this is used; whoever maps it has checked its checksum.</param>
    /// <param name="length">Bytes of it, exactly.</param>
    /// <exception cref="InvalidDataException">It is no such section, of another version, or not whole.</exception>
    public static FilterImage Open(byte* image, long length)
    {
        const int Ends = FilterImageFormat.HeaderSize + FilterImageFormat.FooterSize;
        if (length < Ends)
        {
            throw new InvalidDataException("the filter section is cut off");
        }

        var header = *(FilterImageHeader*)image;
        if (header.Magic != FilterImageFormat.HeaderMagic)
        {
            throw new InvalidDataException("not a filter section");
        }

        if (header.Version != FilterImageFormat.CurrentVersion)
        {
            throw new InvalidDataException($"the filter section has version {header.Version}; this program reads version {FilterImageFormat.CurrentVersion}");
        }

        var footer = *(FilterImageFooter*)(image + length - FilterImageFormat.FooterSize);
        var directory = FilterImageFormat.HeaderSize + FilterImageFormat.TableSize(header.Rows);
        if (footer.Magic != FilterImageFormat.FooterMagic || header.Rows > int.MaxValue || footer.Keys > int.MaxValue || (length & (FilterImageFormat.Alignment - 1)) != 0
            || footer.Directory > (ulong)length || directory > (long)footer.Directory
            || (long)footer.Directory + ((long)footer.Keys * FilterKeyEntry.Size) + FilterImageFormat.FooterSize != length)
        {
            throw new InvalidDataException("the filter section is cut off or damaged");
        }

        var opened = new FilterImage(image, header, footer);
        opened.CheckDirectory(directory, (long)footer.Directory);
        return opened;
    }

    public FilterKey this[int key] => new(_image, _keys[key], Rows);

    public bool TryFind(ReadOnlySpan<byte> name, out FilterKey key)
    {
        var (low, high) = (0, Keys - 1);
        while (low <= high)
        {
            var middle = low + ((high - low) / 2);
            key = this[middle];
            var order = key.Name.SequenceCompareTo(name);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        key = default;
        return false;
    }

    /// <summary>Adds the rows that were learned in a span of time.</summary>
    /// <param name="low">A <see cref="SortKey"/>, included.</param>
    /// <param name="high">Included.</param>
    /// <param name="words">A bit a row.</param>
    public void AddLearned(ulong low, ulong high, Span<ulong> words, CancellationToken cancellation = default)
    {
        var learned = Learned;
        var (from, to) = learned.Find(low, high);
        for (var at = from; at < to; at++)
        {
            cancellation.ThrowIfCancellationRequested();
            RowBits.Add(words, learned.Number(at, Rows));
        }
    }

    /// <inheritdoc/>
    public override void CopyLearned(Span<ulong> byRow)
    {
        var learned = Learned;
        for (var at = 0L; at < Rows; at++)
        {
            byRow[(int)learned.Number(at, Rows)] = learned.Keys[at];
        }
    }

    public override FilterCursor Pairs() => new Cursor(this);

    private FilterSortTable Learned => new(_image + FilterImageFormat.HeaderSize, Rows);

    // Each key follows the one before it, in order, and ends before the directory.
    private void CheckDirectory(long at, long end)
    {
        ReadOnlySpan<byte> before = [];
        var pairs = 0L;
        for (var i = 0; i < Keys; i++)
        {
            var key = _keys[i];
            if (key.Heap != (ulong)at || key.HeapLength > (ulong)(end - at) || key.NameLength == 0 || key.Presence < key.NameLength || key.Presence > key.HeapLength
                || key.Rows > Rows || key.Values == 0 || key.Values > key.Rows || key.Numbers + (ulong)key.Times > key.Values)
            {
                throw FilterImageFormat.Damaged();
            }

            at += FilterImageFormat.Padded((long)key.HeapLength) + ((long)key.Values * FilterValueEntry.Size)
                + FilterImageFormat.TableSize(key.Numbers) + FilterImageFormat.TableSize(key.Times);
            var name = new ReadOnlySpan<byte>(_image + key.Heap, (int)key.NameLength);
            if (at > end || (i > 0 && before.SequenceCompareTo(name) >= 0))
            {
                throw FilterImageFormat.Damaged();
            }

            before = name;
            pairs += key.Rows;
        }

        if (at != end || pairs != PairCount)
        {
            throw FilterImageFormat.Damaged();
        }
    }

    private sealed class Cursor(FilterImage image) : FilterCursor
    {
        private FilterKey _key;
        private int _number = -1;
        private long _value;
        private bool _open;

        public override ReadOnlySpan<byte> Key => _key.Name;

        public override ReadOnlySpan<byte> Value => _key.Value(_value);

        public override int Count => _key.CountOf(_value);

        public override bool MoveNext()
        {
            if (_open && ++_value < _key.Values)
            {
                return true;
            }

            if (++_number >= image.Keys)
            {
                return false;
            }

            _key = image[_number];
            (_value, _open) = (0, true);
            return true;
        }

        public override void CopyRows(Span<uint> rows) => _key.Read(_value, rows);
    }
}
