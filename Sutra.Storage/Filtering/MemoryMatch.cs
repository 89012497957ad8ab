using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

/// <summary>
/// What a filter said of the concepts of a table in memory, each asked when it is first looked at: to ask one takes as long as to compare some of their
/// vectors. For any number of threads.
/// </summary>
/// <param name="filter">That is asked.</param>
internal sealed class MemoryMatch(CompiledFilter filter)
{
    private const int RowsPerWord = 32;
    private const ulong Asked = 1UL << RowsPerWord;

    private readonly Lock _lock = new();

    // Of 32 rows each: the answers in the lower half, which were asked in the upper.
    private ulong[] _rows = new ulong[64];

    /// <param name="concept">Of the table.</param>
    /// <exception cref="InvalidDataException">Its payload is not what was written.</exception>
    public bool Accepts(StoredConcept concept)
    {
        var (word, bit) = (concept.TextRow / RowsPerWord, concept.TextRow % RowsPerWord);
        var rows = Volatile.Read(ref _rows);
        if (word < rows.Length && Volatile.Read(ref rows[word]) >> bit is var known && (known & Asked) != 0)
        {
            return (known & 1) != 0;
        }

        var accepts = filter.Matches(concept.Payload.Span);

        // Both bits at once. What is lost when the rows move meanwhile is asked again.
        Interlocked.Or(ref Room(word)[word], (Asked | (accepts ? 1UL : 0)) << bit);
        return accepts;
    }

    private ulong[] Room(int word)
    {
        var rows = Volatile.Read(ref _rows);
        if (word < rows.Length)
        {
            return rows;
        }

        lock (_lock)
        {
            if (word >= _rows.Length)
            {
                var grown = new ulong[Math.Max(word + 1, _rows.Length * 2)];
                _rows.CopyTo(grown, 0);
                Volatile.Write(ref _rows, grown);
            }

            return _rows;
        }
    }
}
