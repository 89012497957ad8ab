using System.Buffers;
using System.Numerics;

namespace Sutra.Storage.Lexical;

/// <summary>Scores every row that has a term: a window of rows at a time, term by term.</summary>
internal static unsafe class ExhaustiveScorer
{
    private const int Window = 4096;

    public static void Run<TFilter, TKey>(CursorSet set, int part, ref TFilter filter, ref HitHeap<TKey> heap, CancellationToken cancellation)
        where TFilter : struct, IRowFilter
        where TKey : struct, IRowKey
    {
        var cursors = set.Cursors;
        var sums = ArrayPool<double>.Shared.Rent(Window);
        sums.AsSpan(0, Window).Clear();
        var touched = stackalloc ulong[Window / 64];
        new Span<ulong>(touched, Window / 64).Clear();
        fixed (double* scores = sums)
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var start = PostingCursor.End;
                foreach (var cursor in cursors)
                {
                    start = Math.Min(start, cursor.Row);
                }

                if (start == PostingCursor.End)
                {
                    break;
                }

                foreach (var cursor in cursors)
                {
                    cursor.Accumulate(start, start + Window, scores, touched);
                }

                for (var word = 0; word < Window / 64; word++)
                {
                    for (; touched[word] != 0; touched[word] &= touched[word] - 1)
                    {
                        var i = word * 64 + BitOperations.TrailingZeroCount(touched[word]);
                        var score = (float)scores[i];
                        scores[i] = 0;
                        var row = (int)start + i;
                        if (score >= heap.Threshold && filter.Accepts(part, row))
                        {
                            heap.Add(part, row, score);
                        }
                    }
                }
            }
        }

        ArrayPool<double>.Shared.Return(sums);
    }
}
