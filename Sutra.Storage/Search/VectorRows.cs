using Sutra.Storage.Filtering;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Search;

/// <summary>The rows of a <see cref="VectorIndex"/> as of one moment. All blocks but the last are full.</summary>
internal sealed unsafe record VectorRows(VectorIndex Index, VectorBlock[] Blocks, int LastCount)
{
    private const int Batch = 4;

    /// <summary>Offers every row of the state after record <paramref name="sequence"/> that may be among the best.</summary>
    /// <param name="query">Of the index's dimension.</param>
    /// <param name="filter">Null for all.</param>
    public void Search(in CodedQuery query, ulong sequence, MemoryMatch? filter, TopK best, CancellationToken cancellation = default)
    {
        for (var i = 0; i < Blocks.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Scan(Blocks[i], i == Blocks.Length - 1 ? LastCount : Blocks[i].Capacity, sequence, query, filter, best);
        }
    }

    // By the codes, a quarter of the bytes: most rows end there. The few that could be among the best are compared as they are.
    private static void Scan(VectorBlock block, int rows, ulong sequence, in CodedQuery query, MemoryMatch? filter, TopK best)
    {
        var stride = query.Codes.Length;
        var dots = stackalloc int[Batch];
        var addresses = stackalloc byte*[Batch];
        fixed (sbyte* probe = query.Codes, codes = block.Codes)
        {
            for (var row = 0; row < rows; row += Batch)
            {
                var count = Math.Min(Batch, rows - row);
                for (var i = 0; i < Batch; i++)
                {
                    addresses[i] = (byte*)codes + ((nint)Math.Min(row + i, rows - 1) * stride);
                }

                Int8Kernels.Dot4(probe, addresses, stride, dots);
                for (var i = 0; i < count; i++)
                {
                    if (query.Bound(dots[i], block.Scale(row + i), block.Error(row + i)) >= best.Threshold)
                    {
                        Offer(block, row + i, sequence, query, filter, best);
                    }
                }
            }
        }
    }

    private static void Offer(VectorBlock block, int row, ulong sequence, in CodedQuery query, MemoryMatch? filter, TopK best)
    {
        if (query.Score(block.Row(row)) is var score && score >= best.Threshold
            && block.IsVisible(row, sequence) && filter?.Accepts(block.Concept(row)) != false)
        {
            best.Offer(new Found(score, block.Concept(row)));
        }
    }
}
