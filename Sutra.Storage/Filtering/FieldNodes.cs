namespace Sutra.Storage.Filtering;

/// <summary>A test of one field. What it collects it adds.</summary>
internal abstract class FieldNode : FilterNode;

/// <summary>A test of a field that has text.</summary>
internal abstract class TextNode(FilterField field) : FieldNode
{
    public override bool Matches(in FilterRow row) => row.TryGet(field, out var value) && Accepts(value);

    public override void Collect(RowCollector rows, Span<ulong> target)
    {
        if (field.Kind == FieldKind.Model)
        {
            rows.AddModels(this, target);
        }
        else if (rows.Image.TryFind(field.Key, out var key))
        {
            Collect(key, target, rows.Cancellation);
        }
    }

    /// <param name="value">UTF-8.</param>
    public abstract bool Accepts(ReadOnlySpan<byte> value);

    protected abstract void Collect(in FilterKey key, Span<ulong> target, CancellationToken cancellation);
}

/// <param name="values">Different ones, in the order of their bytes.</param>
internal sealed class ValuesNode(FilterField field, byte[][] values) : TextNode(field)
{
    public override bool Accepts(ReadOnlySpan<byte> value)
    {
        var (low, high) = (0, values.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = values[middle].AsSpan().SequenceCompareTo(value);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }

    protected override void Collect(in FilterKey key, Span<ulong> target, CancellationToken cancellation)
    {
        foreach (var value in values)
        {
            key.AddEqual(value, target);
        }
    }
}

internal sealed class PrefixNode(FilterField field, byte[] prefix) : TextNode(field)
{
    public override bool Accepts(ReadOnlySpan<byte> value) => value.StartsWith(prefix);

    protected override void Collect(in FilterKey key, Span<ulong> target, CancellationToken cancellation) => key.AddPrefix(prefix, target, cancellation);
}

internal sealed class ExistsNode(FilterField field) : TextNode(field)
{
    public override bool Accepts(ReadOnlySpan<byte> value) => true;

    protected override void Collect(in FilterKey key, Span<ulong> target, CancellationToken cancellation) => key.AddAll(target);
}

/// <param name="times">Whether the bounds are times; else numbers.</param>
/// <param name="low">The least <see cref="SortKey"/> of those wanted.</param>
/// <param name="high">The greatest.</param>
internal sealed class RangeNode(FilterField field, bool times, ulong low, ulong high) : TextNode(field)
{
    private readonly FilterField _field = field;

    // A row may know its value's number from a test before this one.
    public override bool Matches(in FilterRow row) => row.TryGetSortKey(_field, times, out var key) && key >= low && key <= high;

    public override bool Accepts(ReadOnlySpan<byte> value) =>
        (times ? SortKey.TryTime(value, out var key) : SortKey.TryNumber(value, out key)) && key >= low && key <= high;

    protected override void Collect(in FilterKey key, Span<ulong> target, CancellationToken cancellation) => key.AddRange(times, low, high, target, cancellation);
}

/// <summary>Everything.</summary>
internal sealed class EverythingNode : FieldNode
{
    public override bool Matches(in FilterRow row) => true;

    public override void Collect(RowCollector rows, Span<ulong> target) => RowBits.Fill(target, rows.Rows);
}

/// <param name="ranges">Of ids (<see cref="SortedRanges"/>).</param>
internal sealed class IdNode((ulong Low, ulong High)[] ranges) : FieldNode
{
    public IEnumerable<(ulong Low, ulong High)> Ranges => ranges;

    public override bool Matches(in FilterRow row) => SortedRanges.Contain(ranges, row.Id);

    public override void Collect(RowCollector rows, Span<ulong> target) => rows.AddIds(ranges, target);
}

/// <param name="ranges">Of <see cref="SortKey"/>s (<see cref="SortedRanges"/>).</param>
internal sealed class LearnedAtNode((ulong Low, ulong High)[] ranges) : FieldNode
{
    public override bool Matches(in FilterRow row) => SortedRanges.Contain(ranges, row.LearnedAt);

    public override void Collect(RowCollector rows, Span<ulong> target)
    {
        foreach (var (low, high) in ranges)
        {
            rows.Image.AddLearned(low, high, target, rows.Cancellation);
        }
    }
}

/// <summary>Ranges of numbers, both ends included, ascending, none of which meets another.</summary>
internal static class SortedRanges
{
    /// <param name="ranges">In any order; those without a number are left out.</param>
    public static (ulong Low, ulong High)[] Of(IEnumerable<(ulong Low, ulong High)> ranges)
    {
        var joined = new List<(ulong Low, ulong High)>();
        foreach (var range in ranges.Where(range => range.Low <= range.High).Order())
        {
            if (joined.Count > 0 && joined[^1] is var last && range.Low <= last.High)
            {
                joined[^1] = (last.Low, Math.Max(last.High, range.High));
            }
            else
            {
                joined.Add(range);
            }
        }

        return [.. joined];
    }

    public static bool Contain(ReadOnlySpan<(ulong Low, ulong High)> ranges, ulong number)
    {
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (number >= ranges[middle].Low && number <= ranges[middle].High)
            {
                return true;
            }

            (low, high) = ranges[middle].High < number ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }
}
