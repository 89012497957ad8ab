using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;
using Sutra.Models.Train.Training;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models.Train;

[TestClass]
public sealed class ContrastiveTrainerTests
{
    private const int Meanings = 60;

    [TestMethod]
    public void Training_learns_which_different_words_mean_the_same()
    {
        var pairs = Pairs(4096, seed: 1);
        var unseen = Pairs(300, seed: 2);
        var table = Table();
        var before = RetrievalQuality.Measure(table, unseen, 32, threads: 2);
        var losses = new List<float>();

        Train(table, pairs, threads: 2, report: p => losses.Add(p.Loss));

        var after = RetrievalQuality.Measure(table, unseen, 32, threads: 2);
        var cut = RetrievalQuality.Measure(table, unseen, 16, threads: 2);
        Assert.IsTrue(before.FoundFirst < 0.05, $"untrained: {before}");
        Assert.IsTrue(after.FoundFirst > 0.9, $"trained: {after}");
        Assert.IsTrue(cut.FoundFirst > 0.7, $"cut to half: {cut}");
        Assert.IsTrue(losses[^1] < losses[0] / 2, $"loss from {losses[0]} to {losses[^1]}");
    }

    [TestMethod]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var (one, four) = (Table(), Table());

        Train(one, Pairs(1024, seed: 1), threads: 1);
        Train(four, Pairs(1024, seed: 1), threads: 4);

        CollectionAssert.AreEqual(one.Values, four.Values);
    }

    [TestMethod]
    public void Rows_that_no_text_uses_stay_as_they_were()
    {
        var (table, untouched) = (Table(), Table());

        Train(table, Pairs(1024, seed: 1), threads: 2);

        CollectionAssert.AreEqual(untouched[0].ToArray(), table[0].ToArray());
        CollectionAssert.AreNotEqual(untouched[5].ToArray(), table[5].ToArray());
    }

    [TestMethod]
    public void A_run_that_was_cut_off_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        var (whole, cut, resumed) = (Table(), Table(), Table());
        var pairs = Pairs(1024, seed: 1);
        Train(whole, pairs, threads: 2);
        Checkpoint CheckpointOf(EncodedPair[] corpus) => new(folder.File("training.checkpoint"), Options(threads: 3), Table(), corpus) { Interval = TimeSpan.Zero };

        Assert.ThrowsExactly<OperationCanceledException>(() => Trainer().Train(cut, pairs, p => ThrowAt(20, p), CheckpointOf(pairs)));
        var steps = new List<TrainingProgress>();
        Trainer().Train(resumed, pairs, steps.Add, CheckpointOf(pairs));

        Assert.AreEqual(19, steps[0].FirstStep, "The step that was cut off is done again, those before it are not.");
        CollectionAssert.AreEqual(whole.Values, resumed.Values);

        // What another corpus left behind is no beginning for this one.
        steps.Clear();
        Trainer().Train(Table(), Pairs(1024, seed: 2), steps.Add, CheckpointOf(Pairs(1024, seed: 2)));
        Assert.AreEqual(0, steps[0].FirstStep);

        static ContrastiveTrainer Trainer() => new(Options(threads: 2));
        static void ThrowAt(int step, TrainingProgress progress)
        {
            if (progress.Step == step)
            {
                throw new OperationCanceledException();
            }
        }
    }

    [TestMethod]
    public void After_a_while_batches_come_from_one_source_each()
    {
        var pairs = Enumerable.Range(0, 600).Select(i => new EncodedPair([1], [2], (ushort)(i % 2))).ToArray();
        var draw = new BatchDraw(pairs, batchSize: 100, firstSameSource: 3, seed: 1);
        var chosen = new int[100];

        for (var step = 0; step < 12; step++)
        {
            draw.Next(chosen);
            Assert.AreEqual(100, chosen.Distinct().Count());
            Assert.AreEqual(step < 3 ? 2 : 1, chosen.Select(i => pairs[i].Source).Distinct().Count(), $"step {step}");
        }
    }

    [TestMethod]
    public void A_span_query_and_the_rest_are_together_the_text()
    {
        var text = Enumerable.Range(10, 60).Select(i => (ushort)(i % 15 == 0 ? 7 : i)).ToArray();
        var spans = new SpanQueries(share: 1, sentenceEnd: 7);
        var random = new GaussianSource(4);

        for (var i = 0; i < 200; i++)
        {
            var drawn = spans.Draw(new EncodedPair([1], text, Source: 3), random);

            Assert.AreEqual(3, drawn.Source);
            Assert.IsTrue(drawn.Anchor.Length is >= 4 and <= 32 && drawn.Positive.Length >= 8, $"{drawn.Anchor.Length}, {drawn.Positive.Length}");
            CollectionAssert.AreEquivalent(text, drawn.Anchor.Concat(drawn.Positive).ToArray());
        }

        Assert.AreEqual(8, spans.Draw(new EncodedPair([8], [1, 2, 3]), random).Anchor[0], "A short text stays a positive.");
    }

    [TestMethod]
    public void Frozen_rows_stay_as_they_were_though_texts_use_them()
    {
        var (table, untouched) = (Table(), Table());

        new ContrastiveTrainer(Options(threads: 2) with { Frozen = new HashSet<int> { 5 } }).Train(table, Pairs(1024, seed: 1));

        CollectionAssert.AreEqual(untouched[5].ToArray(), table[5].ToArray());
        CollectionAssert.AreNotEqual(untouched[6].ToArray(), table[6].ToArray());
    }

    [TestMethod]
    public void Too_few_pairs_are_refused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Train(Table(), Pairs(100, seed: 1), threads: 2));

        StringAssert.Contains(error.Message, "100 pairs are fewer than a batch of 128");
    }

    [TestMethod]
    public void A_small_source_is_filled_up_with_pairs_of_others()
    {
        var pairs = Enumerable.Range(0, 600).Select(i => new EncodedPair([1], [2], (ushort)(i % 20))).ToArray();
        var draw = new BatchDraw(pairs, batchSize: 100, firstSameSource: 0, seed: 1);
        var chosen = new int[100];

        for (var step = 0; step < 20; step++)
        {
            draw.Next(chosen);
            Assert.AreEqual(100, chosen.Distinct().Count(), $"step {step}: a pair is twice in the batch.");
            Assert.AreEqual(30, chosen.GroupBy(i => pairs[i].Source).Max(g => g.Count()), $"step {step}");
        }
    }

    // Every meaning has a word on either side and they share none: only training can bring them together. Texts are long enough for a span
    // of them to be a query, and come from two sources.
    private static EncodedPair[] Pairs(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var meanings = Enumerable.Range(0, 4).Select(_ => random.Next(Meanings)).ToArray();
            var answer = Enumerable.Repeat(meanings.Reverse().Select(m => (ushort)(1 + Meanings + m)), 7).SelectMany(m => m);
            return new EncodedPair([.. meanings.Select(m => (ushort)(1 + m))], [.. answer], (ushort)random.Next(2));
        })];
    }

    private static EmbeddingTable Table()
    {
        var frequencies = Enumerable.Repeat(10L, 1 + (2 * Meanings)).ToArray();
        return RandomIdfInitializer.Create(frequencies, documents: 4096, dimensions: 32, seed: 3);
    }

    private static void Train(EmbeddingTable table, EncodedPair[] pairs, int threads, Action<TrainingProgress>? report = null) =>
        new ContrastiveTrainer(Options(threads)).Train(table, pairs, report);

    private static TrainingOptions Options(int threads) => new() { BatchSize = 128, Prefixes = [16, 32], Epochs = 4, Threads = threads, Seed = 9 };
}
