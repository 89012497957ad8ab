using Sutra.Models.Train.Corpus;
using Sutra.Models.Train.Initialization;
using Sutra.Models.Train.Training;

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
    public void Too_few_pairs_are_refused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Train(Table(), Pairs(100, seed: 1), threads: 2));

        StringAssert.Contains(error.Message, "100 pairs are fewer than a batch of 128");
    }

    // Every meaning has a word on either side and they share none: only training can bring them together.
    private static EncodedPair[] Pairs(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var meanings = Enumerable.Range(0, 4).Select(_ => random.Next(Meanings)).ToArray();
            return new EncodedPair([.. meanings.Select(m => (ushort)(1 + m))], [.. meanings.Reverse().Select(m => (ushort)(1 + Meanings + m))]);
        })];
    }

    private static EmbeddingTable Table()
    {
        var frequencies = Enumerable.Repeat(10L, 1 + (2 * Meanings)).ToArray();
        return RandomIdfInitializer.Create(frequencies, documents: 4096, dimensions: 32, seed: 3);
    }

    private static void Train(EmbeddingTable table, EncodedPair[] pairs, int threads, Action<TrainingProgress>? report = null) =>
        new ContrastiveTrainer(new TrainingOptions { BatchSize = 128, Prefixes = [16, 32], Epochs = 4, Threads = threads, Seed = 9 }).Train(table, pairs, report);
}
