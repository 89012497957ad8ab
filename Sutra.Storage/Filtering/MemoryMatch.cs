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

    // So many of all rows are few: to take each one's vector out of its payload costs less than to compare the vectors of all.
    private const int Few = 16;

    // Rows that a search asks beyond those it needs, until all have been.
    private const int AskedAhead = 256;

    private readonly Lock _lock = new();

    // Those that pass of the first rows, each of which was asked.
    private readonly Lock _askingAhead = new();
    private volatile Passed _passed = new([], 0, 0);

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

    /// <summary>Those of a table that pass, where they are few and it is known which: after some searches with the same filter.</summary>
    /// <param name="rows">All of the table, as <see cref="StoredConcept.TextRow"/> numbers them.</param>
    public bool TryGetFew(ReadOnlySpan<StoredConcept> rows, out ReadOnlySpan<StoredConcept> few)
    {
        var passed = _passed;
        if (passed.Asked < rows.Length && passed.Count * Few <= rows.Length && _askingAhead.TryEnter())
        {
            try
            {
                passed = AskAhead(rows);
            }
            finally
            {
                _askingAhead.Exit();
            }
        }

        few = passed.Concepts.AsSpan(0, passed.Count);
        return passed.Asked >= rows.Length && passed.Count * Few <= rows.Length;
    }

    private Passed AskAhead(ReadOnlySpan<StoredConcept> rows)
    {
        var (concepts, count, asked) = _passed;
        foreach (var concept in rows[asked..Math.Max(asked, Math.Min(rows.Length, asked + AskedAhead))])
        {
            asked++;
            if (Accepts(concept))
            {
                if (count == concepts.Length)
                {
                    Array.Resize(ref concepts, Math.Max(16, count * 2));
                }

                concepts[count++] = concept;
            }
        }

        return _passed = new Passed(concepts, count, asked);
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

    /// <param name="Concepts">More may be in it than count.</param>
    /// <param name="Asked">Rows.</param>
    private sealed record Passed(StoredConcept[] Concepts, int Count, int Asked);
}
