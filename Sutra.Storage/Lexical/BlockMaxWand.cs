namespace Sutra.Storage.Lexical;

/// <summary>
/// The best rows without scoring all: Block-Max WAND (Ding and Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes", SIGIR 2011,
/// algorithms 1 to 3), on the WAND of Broder et al. (CIKM 2003).
/// </summary>
/// <remarks>
/// Gives what the exhaustive scorer gives, to the last bit: a row's terms are summed in the same order and precision, and a block is passed
/// over only if its bound, with room for rounding, is below the k-th score; at a tie the key decides, so a tie is looked at.
/// </remarks>
internal static class BlockMaxWand
{
    // Sums of bounds are made in another order than sums of scores, and these are rounded to 24 bits.
    private const double Slack = 1 + 2e-7;

    public static void Run<TFilter, TKey>(CursorSet set, int part, ref TFilter filter, ref HitHeap<TKey> heap, CancellationToken cancellation)
        where TFilter : struct, IRowFilter
        where TKey : struct, IRowKey
    {
        var terms = set.Cursors;
        var cursors = new PostingCursor[terms.Length];
        terms.CopyTo(cursors);
        Array.Sort(cursors, static (a, b) => a.Row.CompareTo(b.Row));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var pivot = FindPivot(cursors, heap.Threshold);
            if (pivot < 0)
            {
                return;
            }

            var row = cursors[pivot].Row;
            var (bound, last) = BlockBounds(cursors, pivot, row);
            if (bound * Slack < heap.Threshold)
            {
                // Nothing up to the end of the nearest block can matter, unless another term comes in before.
                var target = pivot + 1 < cursors.Length ? Math.Min(last + 1, cursors[pivot + 1].Row) : last + 1;
                Move(cursors, Heaviest(cursors, pivot + 1), Math.Max(target, row + 1));
            }
            else if (cursors[0].Row == row)
            {
                if (Resolve(cursors, pivot))
                {
                    continue;
                }

                if (filter.Accepts(part, (int)row))
                {
                    heap.Add(part, (int)row, Score(terms, row));
                }

                for (var i = 0; i <= pivot; i++)
                {
                    cursors[i].Next();
                }

                Reorder(cursors, pivot);
            }
            else
            {
                var before = 0;
                while (cursors[before].Row < row)
                {
                    before++;
                }

                Move(cursors, Heaviest(cursors, before), row);
            }
        }
    }

    // The last of the cursors at the first row that could be good enough by its terms' highest scores.
    private static int FindPivot(PostingCursor[] cursors, float threshold)
    {
        double sum = 0;
        for (var i = 0; i < cursors.Length && cursors[i].Row != PostingCursor.End; i++)
        {
            sum += cursors[i].MaxScore;
            if (sum * Slack >= threshold)
            {
                while (i + 1 < cursors.Length && cursors[i + 1].Row == cursors[i].Row)
                {
                    i++;
                }

                return i;
            }
        }

        return -1;
    }

    private static (double Bound, uint Last) BlockBounds(PostingCursor[] cursors, int pivot, uint row)
    {
        double bound = 0;
        var last = PostingCursor.End - 1;
        for (var i = 0; i <= pivot; i++)
        {
            cursors[i].Shallow(row);
            bound += cursors[i].BlockBound;
            last = Math.Min(last, cursors[i].BlockLast);
        }

        return (bound, last);
    }

    private static float Score(Span<PostingCursor> terms, uint row)
    {
        double sum = 0;
        foreach (var cursor in terms)
        {
            if (cursor.Row == row)
            {
                sum += cursor.Score();
            }
        }

        return (float)sum;
    }

    // Of the first ones, the one whose move is likely to go farthest: rare terms weigh most.
    private static int Heaviest(PostingCursor[] cursors, int count)
    {
        var heaviest = 0;
        for (var i = 1; i < count; i++)
        {
            if (cursors[i].MaxScore > cursors[heaviest].MaxScore)
            {
                heaviest = i;
            }
        }

        return heaviest;
    }

    // Whether a cursor stood before a block that was not decoded. It may now stand behind the row.
    private static bool Resolve(PostingCursor[] cursors, int pivot)
    {
        var any = false;
        for (var i = pivot; i >= 0; i--)
        {
            if (cursors[i].IsPending)
            {
                cursors[i].Resolve();
                SiftUp(cursors, i);
                any = true;
            }
        }

        return any;
    }

    private static void Move(PostingCursor[] cursors, int which, uint target)
    {
        cursors[which].SeekPending(target);
        SiftUp(cursors, which);
    }

    private static void Reorder(PostingCursor[] cursors, int upTo)
    {
        for (var i = upTo; i >= 0; i--)
        {
            SiftUp(cursors, i);
        }
    }

    private static void SiftUp(PostingCursor[] cursors, int at)
    {
        var cursor = cursors[at];
        var row = cursor.Row;
        for (; at + 1 < cursors.Length && cursors[at + 1].Row < row; at++)
        {
            cursors[at] = cursors[at + 1];
        }

        cursors[at] = cursor;
    }
}
