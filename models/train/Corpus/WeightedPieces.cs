using System.Numerics.Tensors;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Corpus;

/// <summary>
/// A text as the model sees it: each piece once, weighted by how often it occurs; saturated, by count^¾, since the tenth "port" of a text says
/// less than the first. Rankings such as BM25 owe much of their strength to that.
/// </summary>
/// <param name="Ids">Ascending, each once.</param>
/// <param name="Weights">By place in <paramref name="Ids"/>.</param>
internal sealed record WeightedPieces(ushort[] Ids, float[] Weights)
{
    /// <param name="saturate">Weights count^¾; false: the count.</param>
    public static WeightedPieces From(ReadOnlySpan<ushort> pieces, bool saturate)
    {
        var sorted = pieces.ToArray();
        Array.Sort(sorted);
        var weights = new float[sorted.Length];
        var count = 0;
        for (int start = 0, end = 0; start < sorted.Length; start = end)
        {
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            // count^¾ in square roots, which every platform computes to the same bit.
            var root = MathF.Sqrt(end - start);
            weights[count] = saturate ? root * MathF.Sqrt(root) : end - start;
            sorted[count++] = sorted[start];
        }

        return new WeightedPieces(sorted[..count], weights[..count]);
    }

    /// <summary>Adds the beginnings of the weighted rows to <paramref name="sum"/>, as many dimensions as it has.</summary>
    public void AddTo(Span<float> sum, EmbeddingTable table)
    {
        for (var i = 0; i < Ids.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(table[Ids[i]][..sum.Length], Weights[i], sum, sum);
        }
    }
}
