using Sutra.Storage.Filtering;

namespace Sutra.Storage.Search;

/// <summary>The rows of a <see cref="VectorIndex"/> as of one moment. All blocks but the last are full.</summary>
internal sealed record VectorRows(VectorIndex Index, VectorBlock[] Blocks, int LastCount)
{
    /// <summary>Offers every row of the state after record <paramref name="sequence"/> that may be among the best.</summary>
    /// <param name="query">Normalised, of the index's dimension.</param>
    /// <param name="filter">Null for all.</param>
    public void Search(ReadOnlySpan<float> query, ulong sequence, MemoryMatch? filter, TopK best, CancellationToken cancellation = default)
    {
        for (var i = 0; i < Blocks.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Scan(Blocks[i], i == Blocks.Length - 1 ? LastCount : Blocks[i].Capacity, sequence, query, filter, best);
        }
    }

    private static void Scan(VectorBlock block, int rows, ulong sequence, ReadOnlySpan<float> query, MemoryMatch? filter, TopK best)
    {
        Span<float> scores = stackalloc float[CosineKernel.Batch];
        for (var row = 0; row < rows; row += CosineKernel.Batch)
        {
            var count = Math.Min(CosineKernel.Batch, rows - row);
            CosineKernel.Score(query, block.Rows(rows)[(row * query.Length)..], scores[..count]);
            for (var i = 0; i < count; i++)
            {
                // Most rows end at this comparison; what a row is worth otherwise is looked up only for the few others.
                if (scores[i] >= best.Threshold && block.IsVisible(row + i, sequence) && filter?.Accepts(block.Concept(row + i)) != false)
                {
                    best.Offer(new Found(scores[i], block.Concept(row + i)));
                }
            }
        }
    }
}
