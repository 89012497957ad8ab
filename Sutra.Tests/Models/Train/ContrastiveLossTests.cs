using System.Numerics.Tensors;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;
using Sutra.Models.Train.Training;

namespace Sutra.Tests.Models.Train;

[TestClass]
public sealed class ContrastiveLossTests
{
    private const int BatchSize = 32;
    private const int Dimensions = 48;
    private static readonly int[] Prefixes = [16, 48];
    private static readonly float[] PrefixWeights = [3, 1];

    [TestMethod]
    public void The_loss_is_the_textbook_one()
    {
        var loss = Loss(out var table);

        Assert.AreEqual(Reference(table, []), loss.Compute([]), 1e-4);
    }

    [TestMethod]
    public void Masked_pairs_are_no_negatives()
    {
        (int, int)[] same = [(3, 20), (20, 3)];
        var loss = Loss(out var table);

        Assert.AreEqual(Reference(table, same), loss.Compute(same), 1e-4);
        Assert.AreNotEqual(Reference(table, []), Reference(table, same), 1e-4);
    }

    [TestMethod]
    public void The_gradients_are_the_slopes_of_the_loss()
    {
        var loss = Loss(out var table);
        loss.Compute([(3, 20), (20, 3)]);
        const float Step = 1e-2f;

        // Rows 0..31 are the anchors, 32..63 the positives, one row each: a row's gradient is its text's.
        foreach (var (row, dimension) in new[] { (0, 0), (3, 17), (20, 47), (31, 15), (32, 16), (35, 40), (52, 3), (63, 20) })
        {
            ref var value = ref table.Values[(row * Dimensions) + dimension];
            var before = value;
            value = before + Step;
            var up = Reference(table, [(3, 20), (20, 3)]);
            value = before - Step;
            var down = Reference(table, [(3, 20), (20, 3)]);
            value = before;

            var side = row < BatchSize ? loss.Anchors : loss.Positives;
            var gradient = side.Gradients[(row % BatchSize * Dimensions) + dimension];
            Assert.AreEqual((up - down) / (2 * Step), gradient, 2e-5, $"row {row}, dimension {dimension}");
        }
    }

    private static ContrastiveLoss Loss(out EmbeddingTable table)
    {
        table = new EmbeddingTable(2 * BatchSize, Dimensions);
        var random = new GaussianSource(5);
        foreach (ref var value in table.Values.AsSpan())
        {
            value = random.NextGaussian();
        }

        var loss = new ContrastiveLoss(new TrainingOptions { BatchSize = BatchSize, Prefixes = Prefixes, PrefixWeights = PrefixWeights, Scale = 5, Threads = 2 });
        for (var i = 0; i < BatchSize; i++)
        {
            loss.Anchors.Gather(i, WeightedPieces.From([(ushort)i], saturate: true), table);
            loss.Positives.Gather(i, WeightedPieces.From([(ushort)(BatchSize + i)], saturate: true), table);
        }

        return loss;
    }

    private static double Reference(EmbeddingTable table, (int Anchor, int Positive)[] same)
    {
        var loss = 0.0;
        foreach (var (prefix, weight) in Prefixes.Zip(PrefixWeights))
        {
            var e = new double[BatchSize, BatchSize];
            for (var i = 0; i < BatchSize; i++)
            {
                for (var j = 0; j < BatchSize; j++)
                {
                    e[i, j] = same.Contains((i, j)) ? 0 : Math.Exp(5 * TensorPrimitives.CosineSimilarity(Doubles(table[i][..prefix]), Doubles(table[BatchSize + j][..prefix])));
                }
            }

            for (var i = 0; i < BatchSize; i++)
            {
                var row = Enumerable.Range(0, BatchSize).Sum(j => e[i, j]);
                var column = Enumerable.Range(0, BatchSize).Sum(j => e[j, i]);
                loss -= weight * 0.5 * (Math.Log(e[i, i] / row) + Math.Log(e[i, i] / column));
            }
        }

        return loss / BatchSize / PrefixWeights.Sum();
    }

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        TensorPrimitives.ConvertChecked<float, double>(values, doubles);
        return doubles;
    }
}
