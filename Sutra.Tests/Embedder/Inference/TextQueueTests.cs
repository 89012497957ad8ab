using Sutra.Tests.Harness;
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
        var queue = NewQueue(10_000);
        var request = Request(lengths);
        queue.TryAdd(request);

        var seen = new HashSet<int>();
        var batch = new List<PendingText>();
        while (queue.Waiting > 0)
        {
            Assert.IsTrue(queue.Take(batch, []));
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
        var queue = NewQueue(100);
        queue.TryAdd(Request(new FakeModel(Policy with { MaxTexts = 1 }), 8, 8));
        CollectionAssert.AreEqual(new[] { 8 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 8 }, Take(queue));
    }

    [TestMethod]
    public void A_request_is_taken_whole_or_not_at_all()
    {
        var queue = NewQueue(10);
        Assert.IsTrue(Add(queue, Request(1, 2, 3, 4, 5, 6)));
        Assert.IsFalse(Add(queue, Request(1, 2, 3, 4, 5)));
        Assert.AreEqual(6, queue.Waiting);
        Assert.IsTrue(Add(queue, Request(1, 2, 3, 4)));
    }

    [TestMethod]
    public void What_is_removed_does_not_run_and_its_neighbours_keep_their_order()
    {
        var queue = NewQueue(100);
        var model = new FakeModel(Policy with { MaxTexts = 1 });
        EmbeddingRequest first = Request(model, 5, 7), second = Request(model, 5, 5, 9), third = Request(model, 5, 9);
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
            queue.Take(batch, []);
            order.Add(batch[0].Request);
        }

        CollectionAssert.AreEqual(new[] { first, first, third, third }, order);
    }

    [TestMethod]
    public async Task Whoever_waits_for_room_goes_on_when_a_worker_takes_something()
    {
        var queue = NewQueue(2);
        queue.TryAdd(Request(5, 100));
        var waiting = queue.WaitForRoomAsync(1, CancellationToken.None);
        Assert.IsFalse(waiting.IsCompleted);
        Take(queue);
        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.IsTrue(queue.WaitForRoomAsync(1, CancellationToken.None).IsCompleted);
    }

    [TestMethod]
    public async Task Room_for_one_is_none_for_two()
    {
        var queue = NewQueue(3);
        queue.TryAdd(Request(5, 100));
        using var patience = new CancellationTokenSource();
        var waiting = queue.WaitForRoomAsync(2, patience.Token);
        Assert.IsFalse(waiting.IsCompleted, "it would ask again and again, and never let go");
        await patience.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);

        waiting = queue.WaitForRoomAsync(2, CancellationToken.None);
        Take(queue);
        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [TestMethod]
    public async Task A_closed_queue_is_emptied_and_then_ends_its_workers()
    {
        var queue = Queue(5);
        var worker = Task.Run(() =>
        {
            var batch = new List<PendingText>();
            var taken = 0;
            while (queue.Take(batch, []))
            {
                taken += batch.Count;
            }

            return taken;
        });
        queue.Close();
        Assert.AreEqual(1, await worker.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.ThrowsExactly<ObjectDisposedException>(() => queue.TryAdd(Request(1)));
    }

    [TestMethod]
    public void A_worker_on_watch_is_counted_on_once_and_the_next_text_wakes_another()
    {
        var model = new FakeModel(Policy with { MaxTexts = 1 });
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var queue = NewQueue(10);
            var taken = new CountdownEvent(2);
            var sleeper = Worker(TimeSpan.Zero);
            Assert.IsTrue(SpinWait.SpinUntil(() => sleeper.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(10)));
            Worker(TimeSpan.FromHours(1));
            Thread.SpinWait(1000 * attempt);
            queue.TryAdd(Request(model, 5));
            queue.TryAdd(Request(model, 5));
            Assert.IsTrue(taken.Wait(TimeSpan.FromSeconds(10)), $"attempt {attempt}: a text waits although a worker sleeps");

            // Each takes one text, as if its run never ended.
            Thread Worker(TimeSpan watch)
            {
                var worker = new Thread(() =>
                {
                    queue.Take([], [], watch);
                    taken.Signal();
                }) { IsBackground = true };
                worker.Start();
                return worker;
            }
        }
    }

    [TestMethod]
    public async Task A_closed_queue_ends_a_watch()
    {
        var queue = NewQueue(10);
        var watcher = Task.Factory.StartNew(() => queue.Take([], [], TimeSpan.FromHours(1)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        queue.Close();
        Assert.IsFalse(await watcher.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [TestMethod]
    public void Interactive_texts_go_first_and_bulk_gets_its_share()
    {
        var model = new FakeModel(Policy with { MaxTexts = 1 });
        var queue = NewQueue(1000);
        var bulk = new EmbeddingRequest(model, new TokenBuffer(), Ranges([.. Enumerable.Repeat(5, 20)]), Lane.Bulk);
        var interactive = new EmbeddingRequest(model, new TokenBuffer(), Ranges([.. Enumerable.Repeat(5, 20)]));
        queue.TryAdd(bulk);
        queue.TryAdd(interactive);

        var order = new List<Lane>();
        var batch = new List<PendingText>();
        while (queue.Waiting > 0)
        {
            queue.Take(batch, []);
            order.Add(batch.Single().Request.Lane);
        }

        Assert.IsTrue(order.Take(TextQueue.BulkShare - 1).All(lane => lane == Lane.Interactive));
        Assert.AreEqual(Lane.Bulk, order[TextQueue.BulkShare - 1]);
        Assert.AreEqual(20 + (20 / TextQueue.BulkShare), order.LastIndexOf(Lane.Interactive) + 1, "no more than its share while others wait");
    }

    [TestMethod]
    public void Texts_of_two_models_never_share_a_run()
    {
        var queue = NewQueue(100);
        queue.TryAdd(Request(new FakeModel(Policy), 8, 8));
        queue.TryAdd(Request(new FakeModel(Policy), 8, 8));
        CollectionAssert.AreEqual(new[] { 8, 8 }, Take(queue));
        CollectionAssert.AreEqual(new[] { 8, 8 }, Take(queue));
    }

    [TestMethod]
    public void A_request_is_refused_when_what_waits_before_it_takes_too_long_and_told_how_long()
    {
        var model = new FakeModel(Policy);
        model.Took(TimeSpan.FromMilliseconds(10), paddedTokens: 1);
        var queue = NewQueue(1000, workers: 2);
        Assert.IsTrue(queue.TryAdd(Request(model, [.. Enumerable.Repeat(100, 50)])).IsAccepted, "an empty queue takes whatever fits");

        var refused = queue.TryAdd(Request(model, 1));

        Assert.IsFalse(refused.IsAccepted);
        Assert.AreEqual(50 * 100 * 0.01 / 2, refused.Wait.TotalSeconds, 1e-6);
        Assert.IsTrue(queue.TryAdd(Request(model, 1), isPatient: true).IsAccepted);
        while (queue.Waiting > 1)
        {
            Take(queue);
        }

        Assert.IsTrue(queue.TryAdd(Request(model, 1)).IsAccepted, "and takes again when it is empty");
    }

    [TestMethod]
    public void Interactive_requests_do_not_wait_for_bulk_and_are_not_refused_for_it()
    {
        var model = new FakeModel(Policy);
        model.Took(TimeSpan.FromMilliseconds(10), paddedTokens: 1);
        var queue = NewQueue(1000);
        queue.TryAdd(new EmbeddingRequest(model, new TokenBuffer(), Ranges([.. Enumerable.Repeat(100, 50)]), Lane.Bulk));

        Assert.AreEqual(TimeSpan.Zero, queue.TryAdd(Request(model, 1)).Wait);
        Assert.IsFalse(queue.TryAdd(new EmbeddingRequest(model, new TokenBuffer(), Ranges([1]), Lane.Bulk)).IsAccepted);
    }

    [TestMethod]
    public void What_has_waited_too_long_is_given_up()
    {
        var time = new ManualTime();
        var queue = NewQueue(1000, time: time);
        queue.TryAdd(Request(5, 60));
        time.Advance(TimeSpan.FromSeconds(31));
        queue.TryAdd(Request(7));

        List<PendingText> batch = [], late = [];
        Assert.IsTrue(queue.Take(batch, late));
        CollectionAssert.AreEqual(new[] { 5, 60 }, late.Select(text => text.Length).ToArray());
        CollectionAssert.AreEqual(new[] { 7 }, batch.Select(text => text.Length).ToArray());
    }

    private static TextQueue NewQueue(int capacity, int workers = 1, TimeProvider? time = null) =>
        new(new QueueLimits(capacity, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), workers), time ?? TimeProvider.System);

    private static TextQueue Queue(params int[] lengths)
    {
        var queue = NewQueue(1000);
        queue.TryAdd(Request(new FakeModel(Policy), lengths));
        return queue;
    }

    private static bool Add(TextQueue queue, EmbeddingRequest request) => queue.TryAdd(request).IsAccepted;

    private static EmbeddingRequest Request(params int[] lengths) => Request(new FakeModel(Policy), lengths);

    private static EmbeddingRequest Request(FakeModel model, params int[] lengths) => new(model, new TokenBuffer(), Ranges(lengths));

    private static TokenRange[] Ranges(params int[] lengths) => [.. lengths.Select(length => new TokenRange(0, length, false))];

    private static int[] Take(TextQueue queue)
    {
        var batch = new List<PendingText>();
        Assert.IsTrue(queue.Take(batch, []));
        return [.. batch.Select(text => text.Length)];
    }

    private sealed class FakeModel(BatchPolicy policy) : ScheduledModel(policy, maxTokens: 128)
    {
        public override string Name => "fake";

        public override void Run(ForwardPass pass, IReadOnlyList<PendingText> batch, Span<float[]?> outputs) => outputs.Fill([1]);
    }
}
