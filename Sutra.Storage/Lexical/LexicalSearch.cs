using System.Buffers;

namespace Sutra.Storage.Lexical;

/// <summary>
/// One question to the parts of a collection. Frequencies and lengths are summed over all parts first, so that a row's score does not
/// depend on the part it is in. Cheap to make; for one thread at a time, as long as its parts stay.
/// </summary>
internal sealed class LexicalSearch
{
    // Beyond it ordering the cursors costs more than it saves. A growing index has no blocks to pass over.
    private const int MaxBlockMaxTerms = 12;

    private readonly LexicalPart[] _parts;
    private readonly LexicalQuery _query;
    private readonly TermPostings[] _postings;
    private readonly long[] _frequencies;
    private readonly float[] _weights;
    private readonly float[] _inverse;
    private readonly Bm25 _bm25;

    /// <param name="parts">Growing indexes and images, any number; their numbers are their places here.</param>
    /// <param name="query">The question.</param>
    /// <param name="options">Parameters.</param>
    /// <exception cref="InvalidDataException">An image is damaged; the methods say so, too.</exception>
    public LexicalSearch(ReadOnlySpan<LexicalPart> parts, LexicalQuery query, Bm25Options options)
    {
        _parts = parts.ToArray();
        _query = query;
        _postings = new TermPostings[parts.Length * query.Count];
        _frequencies = new long[query.Count];
        _weights = new float[query.Count];
        long documents = 0, length = 0;
        for (var part = 0; part < parts.Length; part++)
        {
            documents += parts[part].Documents;
            length += parts[part].TotalLength;
            for (var term = 0; term < query.Count; term++)
            {
                if (parts[part].TryFind(query.Term(term), out var postings))
                {
                    _postings[part * query.Count + term] = postings;
                    _frequencies[term] += postings.Frequency;
                }
            }
        }

        _bm25 = new Bm25(options, documents, length);
        _inverse = _bm25.Inverse.ToArray();
        for (var term = 0; term < query.Count; term++)
        {
            _weights[term] = _bm25.Weight(_frequencies[term], query.Occurrences(term));
        }
    }

    /// <summary>In how many rows of all parts a term of the question is, deleted ones included until they are merged away.</summary>
    public long DocumentFrequency(int term) => _frequencies[term];

    /// <summary>Postings of all terms of the question: what an exhaustive search reads.</summary>
    public long Candidates => _frequencies.Sum();

    /// <summary>How much a term of the question tells: ln(1 + (N - n + ½) / (n + ½)).</summary>
    public double Idf(int term) => _bm25.Idf(_frequencies[term]);

    /// <summary>The same of any word.</summary>
    public double Idf(ReadOnlySpan<byte> term)
    {
        long frequency = 0;
        foreach (var part in _parts)
        {
            frequency += part.DocumentFrequency(term);
        }

        return _bm25.Idf(frequency);
    }

    /// <summary>The best rows, the best first; equal scores by key.</summary>
    /// <param name="filter">Which rows may be found.</param>
    /// <param name="key">The order of equal scores.</param>
    /// <param name="results">Takes them; as many are looked for as it has room for.</param>
    /// <param name="way">How, for tests and measurements.</param>
    /// <returns>How many there are: fewer only if no more rows have a term of the question and may be found.</returns>
    public int Top<TFilter, TKey>(TFilter filter, TKey key, Span<LexicalHit> results, LexicalWay way = LexicalWay.Automatic, CancellationToken cancellation = default)
        where TFilter : struct, IRowFilter
        where TKey : struct, IRowKey
    {
        if (results.IsEmpty)
        {
            return 0;
        }

        var keys = ArrayPool<ulong>.Shared.Rent(results.Length);
        var heap = new HitHeap<TKey>(results, keys.AsSpan(0, results.Length), key);
        for (var part = 0; part < _parts.Length; part++)
        {
            using var cursors = new CursorSet(_query.Count);
            for (var term = 0; term < _query.Count; term++)
            {
                Open(cursors, part, term);
            }

            if (way == LexicalWay.BlockMax || (way == LexicalWay.Automatic && cursors.Count <= MaxBlockMaxTerms && _parts[part] is LexicalImage))
            {
                BlockMaxWand.Run(cursors, part, ref filter, ref heap, cancellation);
            }
            else
            {
                ExhaustiveScorer.Run(cursors, part, ref filter, ref heap, cancellation);
            }
        }

        heap.Sort();
        ArrayPool<ulong>.Shared.Return(keys);
        return heap.Count;
    }

    /// <summary>The scores of given rows: the same that <see cref="Top"/> gives; 0 if a row has no term of the question.</summary>
    /// <param name="part">Number of the part.</param>
    /// <param name="rows">Rows of it; fastest if they ascend.</param>
    /// <param name="scores">Takes them; as long as the rows.</param>
    public void Score(int part, ReadOnlySpan<int> rows, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, rows.Length, nameof(scores));
        var sorted = ArrayPool<int>.Shared.Rent(rows.Length);
        var places = ArrayPool<int>.Shared.Rent(rows.Length);
        var sums = ArrayPool<double>.Shared.Rent(rows.Length);
        rows.CopyTo(sorted);
        for (var i = 0; i < rows.Length; i++)
        {
            places[i] = i;
            sums[i] = 0;
        }

        Array.Sort(sorted, places, 0, rows.Length);
        using (var cursors = new CursorSet(_query.Count))
        {
            for (var term = 0; term < _query.Count; term++)
            {
                if (Open(cursors, part, term) is { } cursor)
                {
                    Add(cursor, sorted.AsSpan(0, rows.Length), sums);
                }
            }
        }

        for (var i = 0; i < rows.Length; i++)
        {
            scores[places[i]] = (float)sums[i];
        }

        ArrayPool<int>.Shared.Return(sorted);
        ArrayPool<int>.Shared.Return(places);
        ArrayPool<double>.Shared.Return(sums);
    }

    private PostingCursor? Open(CursorSet cursors, int part, int term)
    {
        ref readonly var postings = ref _postings[part * _query.Count + term];
        return postings.Frequency == 0 ? null : cursors.Open(_parts[part], postings, _weights[term], _inverse);
    }

    private static void Add(PostingCursor cursor, ReadOnlySpan<int> rows, double[] sums)
    {
        for (var i = 0; i < rows.Length && cursor.Row != PostingCursor.End; i++)
        {
            cursor.Seek((uint)Math.Max(rows[i], 0));
            if (cursor.Row == (uint)rows[i])
            {
                sums[i] += cursor.Score();
            }
        }
    }
}

/// <summary>The cursors of a question's terms in one part, in the terms' order. Dispose it once.</summary>
internal sealed class CursorSet(int capacity) : IDisposable
{
    private readonly PostingCursor[] _cursors = new PostingCursor[capacity];

    public int Count { get; private set; }

    public Span<PostingCursor> Cursors => _cursors.AsSpan(0, Count);

    public PostingCursor Open(LexicalPart part, in TermPostings postings, float weight, float[] inverse)
    {
        var cursor = PostingCursor.Rent();
        _cursors[Count++] = cursor;
        cursor.Open(part, postings, weight, inverse);
        return cursor;
    }

    public void Dispose()
    {
        foreach (var cursor in Cursors)
        {
            PostingCursor.Return(cursor);
        }

        Count = 0;
    }
}
