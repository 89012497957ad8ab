using System.Buffers;

namespace Sutra.Storage.Filtering;

/// <summary>A filter, or a part of one, ready to be asked.</summary>
internal abstract class FilterNode
{
    public abstract bool Matches(in FilterRow row);

    /// <summary>Adds the rows of a segment that match.</summary>
    /// <param name="rows">The segment.</param>
    /// <param name="target">A bit a row; none is set.</param>
    public abstract void Collect(RowCollector rows, Span<ulong> target);

    /// <summary>Calls on with what is collected elsewhere, so that it can be joined with a set that is there.</summary>
    protected static void Join(FilterNode node, RowCollector rows, Span<ulong> target, Joiner join)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(target.Length);
        var words = rented.AsSpan(0, target.Length);
        words.Clear();
        rows.Cancellation.ThrowIfCancellationRequested();
        node.Collect(rows, words);
        join(target, words);
        ArrayPool<ulong>.Shared.Return(rented);
    }

    protected delegate void Joiner(Span<ulong> words, ReadOnlySpan<ulong> others);
}

internal sealed class AndNode(FilterNode[] nodes) : FilterNode
{
    public override bool Matches(in FilterRow row)
    {
        foreach (var node in nodes)
        {
            if (!node.Matches(row))
            {
                return false;
            }
        }

        return true;
    }

    public override void Collect(RowCollector rows, Span<ulong> target)
    {
        nodes[0].Collect(rows, target);
        foreach (var node in nodes.AsSpan(1))
        {
            if (!target.ContainsAnyExcept(0UL))
            {
                return;
            }

            Join(node, rows, target, RowBits.And);
        }
    }
}

internal sealed class OrNode(FilterNode[] nodes) : FilterNode
{
    public override bool Matches(in FilterRow row)
    {
        foreach (var node in nodes)
        {
            if (node.Matches(row))
            {
                return true;
            }
        }

        return false;
    }

    public override void Collect(RowCollector rows, Span<ulong> target)
    {
        foreach (var node in nodes)
        {
            if (node is FieldNode)
            {
                rows.Cancellation.ThrowIfCancellationRequested();

                // Tests of fields add to what is there.
                node.Collect(rows, target);
            }
            else
            {
                Join(node, rows, target, RowBits.Or);
            }
        }
    }
}

internal sealed class NotNode(FilterNode node) : FilterNode
{
    public override bool Matches(in FilterRow row) => !node.Matches(row);

    public override void Collect(RowCollector rows, Span<ulong> target)
    {
        node.Collect(rows, target);
        RowBits.Not(target, rows.Rows);
    }
}
