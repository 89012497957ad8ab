using System.Numerics.Tensors;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>How well anchors find their positives among the positives of all pairs, by cosine.</summary>
/// <param name="FoundFirst">Part of the anchors whose positive ranks first, 0..1.</param>
/// <param name="MeanReciprocalRank">Mean of 1 / rank, 0..1.</param>
public sealed record RetrievalQuality(double FoundFirst, double MeanReciprocalRank)
{
    /// <param name="dimensions">How much of the vectors' beginning to use.</param>
    public static RetrievalQuality Measure(EmbeddingTable table, IReadOnlyList<EncodedPair> pairs, int dimensions, int threads, bool saturate = true)
    {
        var anchors = pairs.Select(p => Embed(p.Anchor)).ToArray();
        var positives = pairs.Select(p => Embed(p.Positive)).ToArray();
        var ranks = new int[pairs.Count];
        Parallel.For(0, pairs.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var own = TensorPrimitives.Dot<float>(anchors[i], positives[i]);
            ranks[i] = 1 + positives.Where((positive, j) => j != i && TensorPrimitives.Dot<float>(anchors[i], positive) >= own).Count();
        });
        return new RetrievalQuality(ranks.Count(r => r == 1) / (double)pairs.Count, ranks.Sum(r => 1.0 / r) / pairs.Count);

        float[] Embed(ushort[] ids)
        {
            var sum = new float[dimensions];
            WeightedPieces.From(ids, saturate).AddTo(sum, table);
            var length = TensorPrimitives.Norm<float>(sum);
            if (length > 0)
            {
                TensorPrimitives.Divide(sum, length, sum);
            }

            return sum;
        }
    }
}
