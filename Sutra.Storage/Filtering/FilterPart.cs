namespace Sutra.Storage.Filtering;

/// <summary>The fields of rows, as they are merged: of payloads (<see cref="FilterTable"/>) or of a section (<see cref="FilterImage"/>).</summary>
internal abstract class FilterPart
{
    /// <summary>Rows are 0 to this - 1.</summary>
    public uint Rows { get; protected init; }

    /// <summary>When each row was learned, as <see cref="SortKey"/>.</summary>
    /// <param name="byRow">One a row.</param>
    public abstract void CopyLearned(Span<ulong> byRow);

    /// <summary>All pairs of key and value, in the order of their bytes.</summary>
    public abstract FilterCursor Pairs();
}

/// <summary>Pairs of key and value one after the other. What it shows is valid until the next move.</summary>
internal abstract class FilterCursor
{
    /// <summary>With the byte before it (<see cref="FilterField.Key"/>).</summary>
    public abstract ReadOnlySpan<byte> Key { get; }

    public abstract ReadOnlySpan<byte> Value { get; }

    /// <summary>Rows that have it.</summary>
    public abstract int Count { get; }

    public abstract bool MoveNext();

    /// <param name="rows">As many as there are; ascending.</param>
    public abstract void CopyRows(Span<uint> rows);
}

/// <summary>A part that goes into a section.</summary>
/// <param name="Part">The part.</param>
/// <param name="RowMap">For each of its rows the row in the section, or -1 if it is gone. Null: the same.</param>
internal readonly record struct FilterSource(FilterPart Part, int[]? RowMap);
