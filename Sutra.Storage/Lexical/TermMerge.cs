namespace Sutra.Storage.Lexical;

/// <summary>Goes through the terms of several parts at once, in order, and gathers each one's postings with their new rows.</summary>
internal sealed class TermMerge
{
    private readonly LexicalSource[] _sources;
    private readonly TermEnumerator?[] _terms;
    private readonly PostingCursor _cursor = new();
    private readonly byte[] _term = new byte[byte.MaxValue];
    private ulong[] _postings = new ulong[1024];

    public TermMerge(ReadOnlySpan<LexicalSource> sources)
    {
        _sources = sources.ToArray();
        _terms = new TermEnumerator?[sources.Length];
        for (var i = 0; i < _terms.Length; i++)
        {
            var terms = sources[i].Part.Terms();
            _terms[i] = terms.MoveNext() ? terms : null;
        }
    }

    public delegate void TermHandler(ReadOnlySpan<byte> term, ReadOnlySpan<ulong> postings);

    /// <param name="handle">Takes each term that has a row left: row in the upper half, frequency in the lower, ascending.</param>
    public void Run(TermHandler handle)
    {
        while (First() is >= 0 and var first)
        {
            var length = _terms[first]!.Term.Length;
            _terms[first]!.Term.CopyTo(_term);
            var count = 0;
            for (var i = first; i < _terms.Length; i++)
            {
                var terms = _terms[i];
                if (terms is not null && terms.Term.SequenceEqual(_term.AsSpan(0, length)))
                {
                    count = Gather(_sources[i], terms.Postings, count);
                    if (!terms.MoveNext())
                    {
                        _terms[i] = null;
                    }
                }
            }

            if (count > 0)
            {
                Sort(_postings.AsSpan(0, count));
                handle(_term.AsSpan(0, length), _postings.AsSpan(0, count));
            }
        }
    }

    private int First()
    {
        var first = -1;
        for (var i = 0; i < _terms.Length; i++)
        {
            if (_terms[i] is { } terms && (first < 0 || terms.Term.SequenceCompareTo(_terms[first]!.Term) < 0))
            {
                first = i;
            }
        }

        return first;
    }

    private int Gather(in LexicalSource source, in TermPostings postings, int count)
    {
        if (_postings.Length < count + postings.Frequency)
        {
            Array.Resize(ref _postings, Math.Max(count + postings.Frequency, (int)Math.Min(_postings.Length * 2L, Array.MaxLength)));
        }

        for (_cursor.Open(source.Part, postings); _cursor.Row != PostingCursor.End; _cursor.Next())
        {
            var row = source.RowMap is null ? (int)_cursor.Row : source.RowMap[_cursor.Row];
            if (row >= 0)
            {
                // A snapshot may have gained postings since they were counted, but none of its rows.
                _postings[count++] = ((ulong)(uint)row << 32) | _cursor.Frequency;
            }
        }

        return count;
    }

    private static void Sort(Span<ulong> postings)
    {
        for (var i = 1; i < postings.Length; i++)
        {
            if (postings[i - 1] >= postings[i])
            {
                postings.Sort();
                break;
            }
        }

        for (var i = 1; i < postings.Length; i++)
        {
            if (postings[i - 1] >> 32 == postings[i] >> 32)
            {
                throw new ArgumentException("Two rows were given the same place.", nameof(postings));
            }
        }
    }
}
