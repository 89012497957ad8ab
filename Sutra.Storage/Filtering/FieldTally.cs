using System.Text;

namespace Sutra.Storage.Filtering;

/// <summary>What is found of one metadata key, in memory and in segments. Its memory is bounded by <see cref="FieldSurvey.DistinctLimit"/> values.</summary>
/// <param name="name">The metadata key.</param>
internal sealed class FieldTally(byte[] name)
{
    private readonly Dictionary<byte[], ValueKind> _values = new(ByteTexts.Comparer);
    private SortRange _numbers = SortRange.None;
    private SortRange _times = SortRange.None;
    private long _concepts;
    private long _numberCount;
    private long _timeCount;
    private long _atLeast;
    private bool _exact;

    /// <summary>The metadata key.</summary>
    public byte[] Name => name;

    /// <summary>No further value is told apart.</summary>
    public bool IsFull => _values.Count > FieldSurvey.DistinctLimit;

    /// <summary>Adds a value of one concept.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        _concepts++;
        var values = _values.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!values.TryGetValue(value, out var kind))
        {
            kind = ValueKind.Of(value);
            if (!IsFull)
            {
                values[value] = kind;
            }
        }

        if (kind.IsNumber)
        {
            _numberCount++;
            _numbers.Add(kind.Key);
        }
        else if (kind.IsTime)
        {
            _timeCount++;
            _times.Add(kind.Key);
        }
    }

    /// <summary>Adds what a segment has of the key.</summary>
    /// <param name="alive">A bit a row that counts; empty for all.</param>
    /// <param name="only">Nothing else has the key.</param>
    /// <exception cref="InvalidDataException">The section is damaged.</exception>
    public void Add(in FilterKey key, ReadOnlySpan<ulong> alive, bool only, CancellationToken cancellation)
    {
        var concepts = Rows(key, alive);
        if (concepts == 0)
        {
            return;
        }

        _concepts += concepts;
        _numberCount += Sorted(key, key.Numbers, concepts, alive, ref _numbers, cancellation);
        _timeCount += Sorted(key, key.Times, concepts, alive, ref _times, cancellation);
        var counted = only && key.Values > FieldSurvey.DistinctLimit;
        var different = alive.IsEmpty ? key.Values : 0;
        for (var value = 0L; value < key.Values && (!IsFull || (counted && !alive.IsEmpty)); value++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (alive.IsEmpty || key.CountOf(value, alive) > 0)
            {
                different += alive.IsEmpty ? 0 : 1;
                if (!IsFull)
                {
                    _values.GetAlternateLookup<ReadOnlySpan<byte>>().TryAdd(key.Value(value), default);
                }
            }
        }

        _atLeast = Math.Max(_atLeast, different);
        _exact |= counted;
    }

    /// <summary>What it comes to; null when no living concept has the key.</summary>
    /// <param name="maxValues">Values that are listed, at most.</param>
    public FieldInfo? Info(int maxValues)
    {
        if (_concepts == 0)
        {
            return null;
        }

        byte[][] values = _values.Count <= maxValues ? [.. _values.Keys] : [];
        Array.Sort(values, static (left, right) => left.AsSpan().SequenceCompareTo(right));
        var text = Encoding.UTF8.GetString(name);
        return new FieldInfo(
            text[0] == '$' ? "$" + text : text,
            _concepts,
            Math.Max(_values.Count, _atLeast),
            IsFull && !_exact,
            _numberCount,
            _timeCount,
            _numbers.IsEmpty ? null : (SortKey.ToNumber(_numbers.Least), SortKey.ToNumber(_numbers.Greatest)),
            _times.IsEmpty ? null : (SortKey.ToMilliseconds(_times.Least), SortKey.ToMilliseconds(_times.Greatest)),
            Array.ConvertAll(values, Encoding.UTF8.GetString));
    }

    private static long Rows(in FilterKey key, ReadOnlySpan<ulong> alive)
    {
        if (alive.IsEmpty)
        {
            return key.Rows;
        }

        var words = new ulong[alive.Length];
        key.AddAll(words);
        RowBits.And(words, alive);
        return RowBits.Count(words);
    }

    // How many concepts have one of the values, and the least and the greatest of those.
    private static unsafe long Sorted(in FilterKey key, FilterSortTable table, long concepts, ReadOnlySpan<ulong> alive, ref SortRange range, CancellationToken cancellation)
    {
        var (from, to) = (0L, table.Count);
        while (from < to && Count(key, table, from, alive) == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            from++;
        }

        while (from < to && Count(key, table, to - 1, alive) == 0)
        {
            cancellation.ThrowIfCancellationRequested();
            to--;
        }

        if (from == to)
        {
            return 0;
        }

        range.Add(table.Keys[from]);
        range.Add(table.Keys[to - 1]);
        if (table.Count == key.Values)
        {
            return concepts;
        }

        var count = 0L;
        for (var at = from; at < to; at++)
        {
            cancellation.ThrowIfCancellationRequested();
            count += Count(key, table, at, alive);
        }

        return count;
    }

    private static int Count(in FilterKey key, FilterSortTable table, long at, ReadOnlySpan<ulong> alive)
    {
        var value = table.Number(at, (uint)key.Values);
        return alive.IsEmpty ? key.CountOf(value) : key.CountOf(value, alive);
    }

    private readonly record struct ValueKind(bool IsNumber, bool IsTime, ulong Key)
    {
        public static ValueKind Of(ReadOnlySpan<byte> value)
        {
            var number = SortKey.TryNumber(value, out var key);
            var time = !number && SortKey.TryTime(value, out key);
            return new ValueKind(number, time, key);
        }
    }

    private struct SortRange
    {
        public static SortRange None => new() { Least = ulong.MaxValue };

        public ulong Least { get; private set; }

        public ulong Greatest { get; private set; }

        public readonly bool IsEmpty => Least > Greatest;

        public void Add(ulong key) => (Least, Greatest) = (Math.Min(Least, key), Math.Max(Greatest, key));
    }
}
