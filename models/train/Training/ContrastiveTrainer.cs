using System.Numerics.Tensors;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>Moves the vectors of pieces so that texts of a pair come close and others apart. Seeded: the same input gives the same bits.</summary>
public sealed class ContrastiveTrainer(TrainingOptions options)
{
    /// <param name="table">Changed in place.</param>
    /// <param name="report">Called after each step.</param>
    /// <exception cref="ArgumentException">The options are at odds, or there are fewer pairs than a batch.</exception>
    public void Train(EmbeddingTable table, IReadOnlyList<EncodedPair> pairs, Action<TrainingProgress>? report = null)
    {
        TrainingOptions.Check(options);
        if (pairs.Count < options.BatchSize)
        {
            throw new ArgumentException($"{pairs.Count} pairs are fewer than a batch of {options.BatchSize}.", nameof(pairs));
        }

        var run = new Run(options, table);
        var stepsPerEpoch = pairs.Count / options.BatchSize;
        var steps = stepsPerEpoch * options.Epochs;
        var random = new GaussianSource(options.Seed ^ 0x5EED_0F_0D_0E_00);
        var order = Enumerable.Range(0, pairs.Count).ToArray();
        for (var step = 0; step < steps; step++)
        {
            if (step % stepsPerEpoch == 0)
            {
                Shuffle(order, random);
            }

            var chosen = order.AsSpan(step % stepsPerEpoch * options.BatchSize, options.BatchSize);
            var loss = run.Step(chosen, pairs, LearningRate(step, steps));
            report?.Invoke(new TrainingProgress(step + 1, steps, loss));
        }
    }

    private float LearningRate(int step, int steps)
    {
        var warm = Math.Max(1, (int)(options.WarmUp * steps));
        return step < warm
            ? options.LearningRate * (step + 1) / warm
            : options.LearningRate * (steps - step) / Math.Max(1, steps - warm);
    }

    private static void Shuffle(int[] order, GaussianSource random)
    {
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = random.NextInt(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }

    private sealed class Run(TrainingOptions options, EmbeddingTable table)
    {
        private readonly ContrastiveLoss _loss = new(options);
        private readonly LazyAdam _adam = new(table);
        private readonly Batch _batch = new(options.BatchSize, table.Rows);
        private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = options.Threads };

        public float Step(ReadOnlySpan<int> chosen, IReadOnlyList<EncodedPair> pairs, float learningRate)
        {
            for (var i = 0; i < chosen.Length; i++)
            {
                _batch.Pairs[i] = pairs[chosen[i]];
            }

            _batch.Index();
            Parallel.For(0, options.BatchSize, _parallel, i =>
            {
                _loss.Anchors.Gather(i, _batch.Pairs[i].Anchor, table);
                _loss.Positives.Gather(i, _batch.Pairs[i].Positive, table);
            });
            var loss = _loss.Compute(_batch.Same);
            _adam.NextStep();
            Parallel.For(0, _batch.Rows.Count, _parallel, () => new float[table.Dimensions], (i, _, gradient) => Update(_batch.Rows[i], gradient, learningRate), _ => { });
            return loss;
        }

        private float[] Update(int row, float[] gradient, float learningRate)
        {
            gradient.AsSpan().Clear();
            foreach (var user in _batch.UsersOf(row))
            {
                var (side, text) = user < options.BatchSize ? (_loss.Anchors, user) : (_loss.Positives, user - options.BatchSize);
                TensorPrimitives.Add(gradient, side.Gradients.AsSpan(text * table.Dimensions, table.Dimensions), gradient);
            }

            _adam.Update(row, gradient, learningRate);
            return gradient;
        }
    }
}

/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean loss of the last step's batch.</param>
public sealed record TrainingProgress(int Step, int Steps, float Loss);
