using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;

namespace Sutra.Tests.Embedder.Caching;

[TestClass]
public sealed class EmbeddingCacheTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task A_batch_is_answered_in_order_and_only_what_is_new_is_made()
    {
        await using var cache = new CacheUnderTest();
        await cache.GetAsync("b", "d");
        var answers = await cache.GetAsync("a", "b", "a text that is longer than twenty characters", "d");

        CollectionAssert.AreEqual(new[] { "a", "a text that is longer than twenty characters" }, cache.Model.Calls.Last());
        foreach (var (answer, text) in answers.Zip(["a", "b", "a text that is longer than twenty characters", "d"]))
        {
            CollectionAssert.AreEqual(FakeModel.Vector(text), answer.Values);
            Assert.AreEqual(text.Length, answer.TokenCount);
            Assert.AreEqual(text.Length > 20, answer.Truncated);
        }

        Assert.AreEqual(2.0 / 6, cache.Metrics.HitRatio, 1e-9);
        var again = await cache.GetAsync("a text that is longer than twenty characters");
        Assert.IsTrue(again[0].Truncated);
        Assert.HasCount(2, cache.Model.Calls);
    }

    [TestMethod]
    public async Task The_same_text_twice_in_one_call_is_made_once()
    {
        await using var cache = new CacheUnderTest();
        var answers = await cache.GetAsync("x", "y", "x", "x");
        CollectionAssert.AreEqual(new[] { "x", "y" }, cache.Model.Made.ToArray());
        CollectionAssert.AreEqual(FakeModel.Vector("x"), answers[3].Values);
        CollectionAssert.AreEqual(FakeModel.Vector("y"), answers[1].Values);
    }

    [TestMethod]
    public async Task What_the_spaces_differ_in_is_not_mixed_up_nor_are_texts_that_UTF_8_cannot_tell_apart()
    {
        await using var cache = new CacheUnderTest();
        await cache.GetAsync(["x"], default, "model@1\nEnd\ncut\n");
        await cache.GetAsync(["x"], default, "model@2\nEnd\ncut\n");
        await cache.GetAsync(["x"], default, "model@1\nEnd\ncut\nquery: ");
        await cache.GetAsync("\uD800", "\uDC00");
        Assert.HasCount(5, cache.Model.Made);
    }

    [TestMethod]
    public async Task However_many_ask_at_once_it_is_made_once()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        var first = cache.GetAsync("shared", "first's own");
        var others = Enumerable.Range(0, 20).Select(i => cache.GetAsync($"own {i}", "shared")).ToList();
        Assert.HasCount(21, cache.Model.Calls);
        gate.SetResult();
        foreach (var other in others)
        {
            CollectionAssert.AreEqual(FakeModel.Vector("shared"), (await other.WaitAsync(Limit))[1].Values);
        }

        await first;
        Assert.AreEqual(1, cache.Model.Made.Count(text => text == "shared"));
        Assert.AreEqual(20.0 / 42, cache.Metrics.HitRatio, 1e-9);
    }

    [TestMethod]
    public async Task Calls_that_wait_for_texts_of_each_other_both_end()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        var all = Enumerable.Range(0, 50).Select(i => cache.GetAsync([.. Enumerable.Range(0, 20).Select(t => $"{(i + t) % 30}")])).ToList();
        gate.SetResult();
        await Task.WhenAll(all).WaitAsync(Limit);
        Assert.HasCount(30, cache.Model.Made);
    }

    [TestMethod]
    public async Task Who_waits_makes_it_himself_when_the_one_he_waits_for_is_refused()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        var refusals = 1;
        cache.Model.Error = () => Interlocked.Decrement(ref refusals) >= 0 ? new OverloadException(TimeSpan.FromSeconds(1)) : null;
        var owner = cache.GetAsync("wanted");
        var others = Enumerable.Range(0, 5).Select(_ => cache.GetAsync("wanted")).ToList();
        gate.SetResult();

        await Assert.ThrowsExactlyAsync<OverloadException>(() => owner);
        foreach (var other in others)
        {
            Assert.AreEqual(TextFailure.None, (await other.WaitAsync(Limit))[0].Failure);
        }

        Assert.HasCount(2, cache.Model.Calls, "one of those who waited made it for all");
    }

    [TestMethod]
    public async Task A_text_that_the_owner_had_to_give_up_is_tried_again_by_who_waits_and_a_hopeless_one_is_not()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        var late = 1;
        cache.Model.Failure = text => text == "late" && Interlocked.Decrement(ref late) >= 0 ? TextFailure.Late
            : text == "hopeless" ? TextFailure.NothingKnown : TextFailure.None;
        var owner = cache.GetAsync("late", "hopeless");
        var other = cache.GetAsync("late", "hopeless");
        gate.SetResult();

        Assert.AreEqual(TextFailure.Late, (await owner)[0].Failure);
        var answers = await other.WaitAsync(Limit);
        Assert.AreEqual(TextFailure.None, answers[0].Failure);
        Assert.AreEqual(TextFailure.NothingKnown, answers[1].Failure);
        CollectionAssert.AreEqual(new[] { "late", "hopeless", "late" }, cache.Model.Made.ToArray());
    }

    [TestMethod]
    public async Task Failures_are_not_kept()
    {
        await using var cache = new CacheUnderTest();
        cache.Model.Failure = _ => TextFailure.ModelFailed;
        Assert.AreEqual(TextFailure.ModelFailed, (await cache.GetAsync("x"))[0].Failure);
        cache.Model.Failure = _ => TextFailure.NothingKnown;
        Assert.AreEqual(TextFailure.NothingKnown, (await cache.GetAsync("x"))[0].Failure);
        cache.Model.Failure = _ => TextFailure.None;
        Assert.AreEqual(TextFailure.None, (await cache.GetAsync("x"))[0].Failure);
        cache.Model.Error = () => new InvalidOperationException("broken");
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => cache.GetAsync("y"));
        cache.Model.Error = () => null;
        Assert.AreEqual(TextFailure.None, (await cache.GetAsync("y"))[0].Failure);
    }

    [TestMethod]
    public async Task A_caller_alone_who_gives_up_takes_his_work_back()
    {
        await using var cache = new CacheUnderTest();
        cache.Model.Gate = new TaskCompletionSource().Task;
        using var impatient = new CancellationTokenSource();
        var call = cache.GetAsync(["x", "y", "x"], impatient.Token);
        Assert.HasCount(1, cache.Model.Calls);
        await impatient.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => call.WaitAsync(Limit));
        Assert.AreEqual(1, cache.Model.Cancelled);

        cache.Model.Gate = Task.CompletedTask;
        Assert.AreEqual(TextFailure.None, (await cache.GetAsync("x").WaitAsync(Limit))[0].Failure);
    }

    [TestMethod]
    public async Task Who_gives_up_does_not_take_it_from_the_others_whoever_began()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        using var owners = new CancellationTokenSource();
        using var joiners = new CancellationTokenSource();
        var owner = cache.GetAsync(["shared"], owners.Token);
        var impatient = cache.GetAsync(["shared"], joiners.Token);
        var patient = cache.GetAsync("shared");

        await joiners.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => impatient.WaitAsync(Limit));
        await owners.CancelAsync();
        Assert.AreEqual(0, cache.Model.Cancelled, "somebody waits still");
        gate.SetResult();
        Assert.AreEqual(TextFailure.None, (await patient.WaitAsync(Limit))[0].Failure);
        await Assert.ThrowsAsync<OperationCanceledException>(() => owner.WaitAsync(Limit));
        Assert.HasCount(1, cache.Model.Calls);
    }

    [TestMethod]
    public async Task When_the_last_who_waits_gives_up_the_work_ends_and_who_comes_then_begins_anew()
    {
        await using var cache = new CacheUnderTest();
        cache.Model.Gate = new TaskCompletionSource().Task;
        using var owners = new CancellationTokenSource();
        using var joiners = new CancellationTokenSource();
        var owner = cache.GetAsync(["shared"], owners.Token);
        var joiner = cache.GetAsync(["shared"], joiners.Token);
        await owners.CancelAsync();
        Assert.AreEqual(0, cache.Model.Cancelled);
        await joiners.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => joiner.WaitAsync(Limit));
        await Assert.ThrowsAsync<OperationCanceledException>(() => owner.WaitAsync(Limit));
        Assert.AreEqual(1, cache.Model.Cancelled);

        cache.Model.Gate = Task.CompletedTask;
        Assert.AreEqual(TextFailure.None, (await cache.GetAsync("shared").WaitAsync(Limit))[0].Failure);
    }

    [TestMethod]
    public async Task A_call_that_fails_at_its_own_texts_lets_go_of_what_it_waits_for()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        using var owners = new CancellationTokenSource();
        var owner = cache.GetAsync(["shared"], owners.Token);
        cache.Model.Gate = Task.CompletedTask;
        cache.Model.Error = () => new OverloadException(TimeSpan.FromSeconds(1));
        await Assert.ThrowsExactlyAsync<OverloadException>(() => cache.GetAsync("own", "shared"));
        await owners.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => owner.WaitAsync(Limit));
        Assert.AreEqual(1, cache.Model.Cancelled);
    }

    [TestMethod]
    public async Task Interactive_calls_do_not_wait_for_bulk_ones_but_bulk_ones_do_for_any()
    {
        await using var cache = new CacheUnderTest();
        var gate = new TaskCompletionSource();
        cache.Model.Gate = gate.Task;
        var bulk = cache.GetAsync(["x", "y"], default, hints: new WorkHints(default, IsBulk: true));
        cache.Model.Gate = Task.CompletedTask;
        await cache.GetAsync("x", "x").WaitAsync(Limit);
        CollectionAssert.AreEqual(new[] { "x" }, cache.Model.Calls.Last(), "made beside, once");

        var moreBulk = cache.GetAsync(["y"], default, hints: new WorkHints(default, IsBulk: true));
        Assert.IsFalse(moreBulk.IsCompleted);
        gate.SetResult();
        await bulk.WaitAsync(Limit);
        await moreBulk.WaitAsync(Limit);
        Assert.HasCount(2, cache.Model.Calls);
    }
}
