namespace Sutra.Storage.Segments;

/// <summary>
/// Which rows of a segment are no more, and since which record. Changed by one thread at a time; anybody reads.
/// </summary>
internal sealed class DeadRows(uint rows)
{
    /// <summary>The removal of a row that is still there.</summary>
    public const ulong Never = ulong.MaxValue;

    private const int PageRows = 1024;

    private readonly ulong[]?[] _pages = new ulong[(rows + PageRows - 1) / PageRows][];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The sequence number of the row's removal, or <see cref="Never"/>; 0 when it was removed before this start.</summary>
    public ulong Died(uint row) => Volatile.Read(ref _pages[row / PageRows]) is { } page ? Volatile.Read(ref page[row % PageRows]) : Never;

    /// <returns>False if it was removed before.</returns>
    public bool Remove(uint row, ulong sequence)
    {
        var page = _pages[row / PageRows];
        if (page is null)
        {
            page = new ulong[PageRows];
            Array.Fill(page, Never);
            Volatile.Write(ref _pages[row / PageRows], page);
        }

        if (page[row % PageRows] != Never)
        {
            return false;
        }

        Volatile.Write(ref page[row % PageRows], sequence);
        Volatile.Write(ref _count, _count + 1);
        return true;
    }
}
