using System.Numerics.Tensors;
using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;

namespace Sutra.Models.Train.Training;

/// <summary>Moves the vectors of pieces so that texts of a pair come close and others apart. Seeded: the same input gives the same bits.</summary>
public sealed class ContrastiveTrainer(TrainingOptions options)
{
    /// <param name="table">Changed in place.</param>
    /// <param name="report">Called after each step.</param>
    /// <param name="checkpoint">Where to go on from, and to save to now and then; null = a run that is cut off starts anew.</param>
    /// <exception cref="ArgumentException">The options are at odds, or there are fewer pairs than a batch.</exception>
    public void Train(EmbeddingTable table, IReadOnlyList<EncodedPair> pairs, Action<TrainingProgress>? report = null, Checkpoint? checkpoint = null)
    {
        TrainingOptions.Check(options);
        if (pairs.Count < options.BatchSize)
        {
            throw new ArgumentException($"{pairs.Count} pairs are fewer than a batch of {options.BatchSize}.", nameof(pairs));
        }

        var run = new Run(options, table);
        var stepsPerEpoch = pairs.Count / options.BatchSize;
        var steps = stepsPerEpoch * options.Epochs;
        var saved = TimeProvider.System.GetTimestamp();
        var first = checkpoint?.Load(table, run.Adam) ?? 0;
        var draw = new BatchDraw(pairs, options.BatchSize, (int)(options.SameSourceFrom * steps), options.Seed ^ 0x5EED_0F_0D_0E_00);
        var chosen = new int[options.BatchSize];
        for (var step = 0; step < steps; step++)
        {
            draw.Next(chosen);
            if (step < first)
            {
                continue;
            }

            var loss = run.Step(step + 1, chosen, pairs, LearningRate(step, steps), RandomFor(step));
            report?.Invoke(new TrainingProgress(step + 1, steps, first, loss));
            if (checkpoint is not null && TimeProvider.System.GetElapsedTime(saved) >= checkpoint.Interval)
            {
                checkpoint.Save(step + 1, table, run.Adam);
                saved = TimeProvider.System.GetTimestamp();
            }
        }
    }

    // Of the seed and the step alone: a run that goes on in the middle draws what an uninterrupted one would.
    private GaussianSource RandomFor(int step) => new((options.Seed * 0x9E3779B97F4A7C15) ^ (ulong)step);

    private float LearningRate(int step, int steps)
    {
        var warm = Math.Max(1, (int)(options.WarmUp * steps));
        return step < warm
            ? options.LearningRate * (step + 1) / warm
            : options.LearningRate * (steps - step) / Math.Max(1, steps - warm);
    }

    private sealed class Run(TrainingOptions options, EmbeddingTable table)
    {
        private readonly ContrastiveLoss _loss = new(options);
        private readonly SpanQueries _spans = new(options.SpanQueries, options.SentenceEnd);
        private readonly Batch _batch = new(options.BatchSize, table.Rows, options.Saturate);
        private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = options.Threads };

        public LazyAdam Adam { get; } = new(table);

        public float Step(int number, ReadOnlySpan<int> chosen, IReadOnlyList<EncodedPair> pairs, float learningRate, GaussianSource random)
        {
            for (var i = 0; i < chosen.Length; i++)
            {
                _batch.Pairs[i] = _spans.Draw(pairs[chosen[i]], random);
            }

            _batch.Index(_parallel);
            Parallel.For(0, options.BatchSize, _parallel, i =>
            {
                _loss.Anchors.Gather(i, _batch.AnchorOf(i), table);
                _loss.Positives.Gather(i, _batch.PositiveOf(i), table);
            });
            var loss = _loss.Compute(_batch.Same);
            Adam.Begin(number);
            Parallel.For(0, _batch.Rows.Count, _parallel, () => new float[table.Dimensions], (i, _, gradient) => Update(_batch.Rows[i], gradient, learningRate), _ => { });
            return loss;
        }

        private float[] Update(int row, float[] gradient, float learningRate)
        {
            if (options.Frozen.Contains(row))
            {
                return gradient;
            }

            gradient.AsSpan().Clear();
            var users = _batch.UsersOf(row);
            var weights = _batch.WeightsOf(row);
            for (var i = 0; i < users.Length; i++)
            {
                var (side, text) = users[i] < options.BatchSize ? (_loss.Anchors, users[i]) : (_loss.Positives, users[i] - options.BatchSize);
                TensorPrimitives.MultiplyAdd(side.Gradients.AsSpan(text * table.Dimensions, table.Dimensions), weights[i], gradient, gradient);
            }

            Adam.Update(row, gradient, learningRate);
            return gradient;
        }
    }
}

/// <param name="Step">Steps done.</param>
/// <param name="FirstStep">Steps that an earlier run had done.</param>
/// <param name="Loss">Mean loss of the last step's batch.</param>
public sealed record TrainingProgress(int Step, int Steps, int FirstStep, float Loss);
