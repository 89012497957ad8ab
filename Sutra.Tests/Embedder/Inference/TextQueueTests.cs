using Sutra.Embedder.Inference;
using Sutra.Embedder.Tokenization;

namespace Sutra.Tests.Embedder.Inference;

[TestClass]
public sealed class TextQueueTests
{
    private static readonly BatchPolicy Policy = new(TokenBudget: 64, MaxPadding: 0.1, MaxTexts: 100);

    [TestMethod]
    public void Equal_lengths_share_a_run_up_to_the_token_budget()
    {
        var queue = Queue([.. Enumerable.Repeat(16, 10)]);
        CollectionAssert.AreEqual(new[] { 16, 16, 16, 16 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 16, 16, 16, 16 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 16, 16 }, Take(queue));
        Assert.AreEqual(0, queue.Waiting);
    }

    [TestMethod]
    public void The_oldest_text_always_runs_first_however_badly_it_packs()
    {
        var queue = Queue(60, 3, 3, 3, 3, 3);
        CollectionAssert.AreEqual(new[] { 60 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 3, 3, 3, 3, 3 }, Take(queue));
    }

    [TestMethod]
    public void A_text_above_the_budget_runs_alone_and_blocks_nobody()
    {
        var queue = Queue(5, 100, 5);
        CollectionAssert.AreEqual(new[] { 5, 5 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 100 }, Take(queue));
    }

    [TestMethod]
    public void Padding_stays_within_its_share_and_the_nearest_lengths_are_taken()
    {
        var queue = Queue(20, 10, 19, 21, 20);
        // 20 20 21 → 3 × 21 = 63 tokens, 2 of them padding; 10 would be half padding.
        CollectionAssert.AreEquivalent(new[] { 20, 20, 19 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 10 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 21 }, Take(queue));
    }

    [TestMethod]
    public void Every_batch_keeps_the_rules_and_every_text_runs_once_oldest_leading()
    {
        var random = new Random(11);
        var lengths = Enumerable.Range(0, 3000).Select(_ => random.Next(1, 90)).ToArray();
        var queue = new TextQueue(10_000, Policy, 128);
        var request = Request(lengths);
        queue.TryAdd(request);

        var seen = new HashSet<int>();
        var batch = new List<PendingText>();
        while (queue.Waiting > 0)
        {
            Assert.IsTrue(queue.Take(batch));
            var longest = batch.Max(text => text.Length);
            Assert.IsTrue(batch.Count == 1 || Policy.Allows(batch.Count, longest, batch.Sum(text => text.Length)));
            Assert.AreEqual(Enumerable.Range(0, lengths.Length).First(i => !seen.Contains(i)), batch[0].Index, "the oldest leads");
            foreach (var text in batch)
            {
                Assert.IsTrue(seen.Add(text.Index));
            }
        }

        Assert.AreEqual(lengths.Length, seen.Count);
    }

    [TestMethod]
    public void One_text_a_run_is_a_policy_too()
    {
        var queue = new TextQueue(100, Policy with { MaxTexts = 1 }, 128);
        queue.TryAdd(Request(8, 8));
        CollectionAssert.AreEqual(new[] { 8 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 8 }, Take(queue));
    }

    [TestMethod]
    public void A_request_is_taken_whole_or_not_at_all()
    {
        var queue = new TextQueue(10, Policy, 128);
        Assert.IsTrue(queue.TryAdd(Request(1, 2, 3, 4, 5, 6)));
        Assert.IsFalse(queue.TryAdd(Request(1, 2, 3, 4, 5)));
        Assert.AreEqual(6, queue.Waiting);
        Assert.IsTrue(queue.TryAdd(Request(1, 2, 3, 4)));
    }

    [TestMethod]
    public void What_is_removed_does_not_run_and_its_neighbours_keep_their_order()
    {
        var queue = new TextQueue(100, Policy with { MaxTexts = 1 }, 128);
        EmbeddingRequest first = Request(5, 7), second = Request(5, 5, 9), third = Request(5, 9);
        queue.TryAdd(first);
        queue.TryAdd(second);
        queue.TryAdd(third);
        queue.Remove(second);
        Assert.AreEqual(4, queue.Waiting);
        queue.Remove(second);
        Assert.AreEqual(4, queue.Waiting);

        var batch = new List<PendingText>();
        var order = new List<EmbeddingRequest>();
        while (queue.Waiting > 0)
        {
            queue.Take(batch);
            order.Add(batch[0].Request);
        }

        CollectionAssert.AreEqual(new[] { first, first, third, third }, order);
    }

    [TestMethod]
    public async Task Whoever_waits_for_room_goes_on_when_a_worker_takes_something()
    {
        var queue = new TextQueue(2, Policy, 128);
        queue.TryAdd(Request(5, 100));
        var waiting = queue.WaitForRoomAsync(CancellationToken.None);
        Assert.IsFalse(waiting.IsCompleted);
        Take(queue);
        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.IsTrue(queue.WaitForRoomAsync(CancellationToken.None).IsCompleted);
    }

    [TestMethod]
    public async Task A_closed_queue_is_emptied_and_then_ends_its_workers()
    {
        var queue = Queue(5);
        var worker = Task.Run(() =>
        {
            var batch = new List<PendingText>();
            var taken = 0;
            while (queue.Take(batch))
            {
                taken += batch.Count;
            }

            return taken;
        });
        queue.Close();
        Assert.AreEqual(1, await worker.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.ThrowsExactly<ObjectDisposedException>(() => queue.TryAdd(Request(1)));
    }

    private static TextQueue Queue(params int[] lengths)
    {
        var queue = new TextQueue(1000, Policy, 128);
        queue.TryAdd(Request(lengths));
        return queue;
    }

    private static EmbeddingRequest Request(params int[] lengths) =>
        new(new TokenBuffer(), [.. lengths.Select(length => new TokenRange(0, length, false))]);

    private static int[] Take(TextQueue queue)
    {
        var batch = new List<PendingText>();
        Assert.IsTrue(queue.Take(batch));
        return [.. batch.Select(text => text.Length)];
    }
}
