using System.Numerics.Tensors;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Inference;

[TestClass]
public sealed class EmbeddingEngineTests
{
    private static readonly string BuiltIn = Path.Combine(Repository.Root, "models", "sutra-static");
    private static readonly string[] Words = ["the", "cat", "sat", "on", "mat", "dog", "runs", "hello", "world", "affable", "zebra"];

    [TestMethod]
    public async Task A_vector_does_not_depend_on_its_batch_mates()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, layers: 2);
        await CompareAsync(folder.Path, o => o.BatchPadding = 5);
    }

    [TestMethod]
    public async Task Nor_does_one_of_the_built_in_model() => await CompareAsync(BuiltIn, o => o.BatchPadding = 5);

    [TestMethod]
    public async Task A_model_that_is_let_go_stays_until_the_run_ends_that_nobody_waits_for()
    {
        using var embedder = new InProcessEmbedder(BuiltIn);
        var model = new SlowModel();
        using var cancelled = new CancellationTokenSource();
        var run = embedder.Engine.RunAsync(new EmbeddingRequest(model, new TokenBuffer(), [new TokenRange(0, 1, false)]), cancellation: cancelled.Token);
        Assert.IsTrue(model.Begun.Wait(TimeSpan.FromSeconds(10)));
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => run);

        model.Release();
        Assert.IsFalse(model.Freed.IsSet, "a worker is still at it");
        model.MayEnd.Set();
        Assert.IsTrue(model.Freed.Wait(TimeSpan.FromSeconds(10)));
    }

    [TestMethod]
    public async Task Many_texts_are_bulk_even_if_they_are_questions()
    {
        using var embedder = new InProcessEmbedder(BuiltIn, options =>
        {
            options.Workers = 1;
            options.InteractiveDelay = options.BulkDelay = new TimeSpan(1);
        });
        await embedder.EmbedAsync(["how long a token takes is known after this"]);
        await Task.Yield(); // Off the worker that has gone on here: it is to be blocked below, and not by itself.
        var model = new SlowModel();
        var blocker = embedder.Engine.RunAsync(new EmbeddingRequest(model, new TokenBuffer(), [new TokenRange(0, 1, false)]));
        Assert.IsTrue(model.Begun.Wait(TimeSpan.FromSeconds(10)));
        var bulk = embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = Texts(20), Lane = Lane.Bulk });

        // What waits in the bulk lane is before bulk only.
        await Assert.ThrowsExactlyAsync<OverloadException>(() => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = Texts(20), InputType = InputType.Query }));
        await Assert.ThrowsExactlyAsync<OverloadException>(() => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = Texts(20), Lane = Lane.Interactive }));
        var question = embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = Texts(1), InputType = InputType.Query });

        model.MayEnd.Set();
        await blocker;
        Assert.HasCount(20, (await bulk).Items);
        Assert.HasCount(1, (await question).Items);
    }

    [TestMethod]
    public async Task Who_waited_for_the_last_text_may_end_the_engine()
    {
        // A lone text's caller goes on in the worker's own thread.
        await Task.Run(async () =>
        {
            var engine = new InProcessEmbedder(BuiltIn);
            await engine.EmbedAsync(["hello"]).ConfigureAwait(false);
            engine.Dispose();
        }).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [TestMethod]
    public async Task The_built_in_model_puts_a_paraphrase_above_noise()
    {
        using var engine = new InProcessEmbedder(BuiltIn);
        var vectors = await engine.EmbedAsync(
        [
            "How do I reset the password of my account?",
            "Resetting an account password",
            "The quarterly harvest of wheat was poor in the north.",
        ]);
        Assert.IsTrue(Cosine(vectors[0], vectors[1]) > Cosine(vectors[0], vectors[2]) + 0.2);
    }

    [TestMethod]
    public async Task Answers_come_in_the_order_of_the_texts_for_many_callers_at_once()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var engine = new InProcessEmbedder(folder.Path);
        var texts = Texts(60);
        var alone = new List<EmbeddedText>();
        foreach (var text in texts)
        {
            alone.Add((await engine.EmbedAsync([text]))[0]);
        }

        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
        {
            var order = Enumerable.Range(0, texts.Length).OrderBy(t => (t * 7919) % (i + 2)).ToArray();
            var together = await engine.EmbedAsync([.. order.Select(t => texts[t])], cancellation);
            for (var t = 0; t < order.Length; t++)
            {
                Assert.IsTrue(Cosine(alone[order[t]], together[t]) > 0.99999f);
            }
        });
        Assert.AreEqual(0, engine.Waiting);
    }

    [TestMethod]
    public async Task Vectors_have_unit_length_and_tell_their_tokens_and_their_truncation()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, maxTokens: 16);
        using var engine = new InProcessEmbedder(folder.Path);
        var embeddings = await engine.EmbedAsync(["the cat", string.Join(' ', Enumerable.Repeat("cat", 14)), string.Join(' ', Enumerable.Repeat("cat", 15))]);

        CollectionAssert.AreEqual(new[] { 4, 16, 16 }, embeddings.Select(e => e.TokenCount).ToArray());
        CollectionAssert.AreEqual(new[] { false, false, true }, embeddings.Select(e => e.Truncated).ToArray());
        foreach (var embedding in embeddings)
        {
            Assert.AreEqual(TestModel.Hidden, embedding.Values.Length);
            Assert.AreEqual(1, TensorPrimitives.Norm(embedding.Values.Span), 1e-5);
        }

        CollectionAssert.AreEqual(embeddings[1].Values.ToArray(), embeddings[2].Values.ToArray());
    }

    [TestMethod]
    public async Task Token_ids_give_the_vector_of_their_text()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var engine = new InProcessEmbedder(folder.Path);
        var text = (await engine.EmbedAsync(["the cat"]))[0];
        var tokens = (await engine.EmbedTokensAsync([[TestModel.IdOf("the"), TestModel.IdOf("cat")]]))[0];
        CollectionAssert.AreEqual(text.Values.ToArray(), tokens.Values.ToArray());
    }

    [TestMethod]
    public async Task Pooling_by_the_first_token_is_another_vector_than_the_mean()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var mean = new InProcessEmbedder(folder.Path);
        Directory.CreateDirectory(folder.File("1_Pooling"));
        await File.WriteAllTextAsync(folder.File("1_Pooling/config.json"), """{"pooling_mode_cls_token": true}""");
        using var first = new InProcessEmbedder(folder.Path);

        Assert.AreNotEqual(await mean.IdentityAsync(), await first.IdentityAsync());
        Assert.IsTrue(Cosine((await mean.EmbedAsync(["the cat"]))[0], (await first.EmbedAsync(["the cat"]))[0]) < 0.999);
    }

    [TestMethod]
    public async Task A_cancelled_request_leaves_the_queue_at_once()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, layers: 6, maxTokens: 512);
        using var engine = new InProcessEmbedder(folder.Path, o => (o.Workers, o.BatchTexts) = (1, 1));
        using var cancellation = new CancellationTokenSource();
        var texts = Enumerable.Repeat(string.Join(' ', Enumerable.Repeat("cat", 500)), 800).ToArray();

        var cancelled = engine.EmbedAsync(texts, cancellation.Token);
        var kept = engine.EmbedAsync(["the cat"]);
        Assert.IsTrue(engine.Waiting > 700);
        await cancellation.CancelAsync();

        Assert.IsTrue(engine.Waiting <= 1, $"{engine.Waiting} texts still wait");
        await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled);
        Assert.AreEqual(1, (await kept.WaitAsync(TimeSpan.FromSeconds(20))).Count);
        await Assert.ThrowsAsync<OperationCanceledException>(() => engine.EmbedAsync(["the cat"], cancellation.Token));
    }

    [TestMethod]
    public async Task A_full_queue_refuses_and_recovers_while_a_patient_caller_waits()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, layers: 6, maxTokens: 512);
        using var engine = new InProcessEmbedder(folder.Path, o => (o.Workers, o.BatchTexts, o.QueueCapacity) = (1, 1, 40));
        using var cancellation = new CancellationTokenSource();
        var texts = Enumerable.Repeat(string.Join(' ', Enumerable.Repeat("cat", 500)), 40).ToArray();

        var full = engine.EmbedAsync(texts, cancellation.Token);
        await Assert.ThrowsExactlyAsync<OverloadException>(() => engine.EmbedAsync(texts));
        var patient = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => engine.EmbedPatientlyAsync("the cat")));
        await cancellation.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => full);
        Assert.AreEqual(10, (await patient.WaitAsync(TimeSpan.FromSeconds(20))).Length);
        Assert.AreEqual(1, (await engine.EmbedAsync(["the cat"])).Count);
    }

    [TestMethod]
    public async Task A_text_that_leaves_no_token_fails_alone()
    {
        using var embedder = new InProcessEmbedder(BuiltIn);
        var items = await embedder.EmbedAsync(["cat", "\u200B \u0301", "", "dog"]);
        CollectionAssert.AreEqual(
            new[] { TextFailure.None, TextFailure.NothingKnown, TextFailure.Empty, TextFailure.None }, items.Select(item => item.Failure).ToArray());
        Assert.AreEqual(256, items[3].Values.Length);
    }

    [TestMethod]
    public async Task A_tokenizer_with_more_ids_than_its_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await File.WriteAllTextAsync(folder.File("config.json"), """{"vocab_size": 10}""");
        await AssertRefusedAsync(folder.Path, "10 tokens");
    }

    [TestMethod]
    public async Task A_model_with_fewer_positions_than_its_special_tokens_is_refused()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, maxTokens: 2);
        await AssertRefusedAsync(folder.Path, "2 tokens");
    }

    [TestMethod]
    public async Task Bulk_goes_behind_questions_that_come_later_but_is_not_starved()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, layers: 4, maxTokens: 256);
        using var embedder = new InProcessEmbedder(folder.Path, o => (o.Workers, o.BatchTexts) = (1, 1));
        var longText = string.Join(' ', Enumerable.Repeat("cat", 250));
        var bulk = embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = [.. Enumerable.Repeat(longText, 400)] });

        await embedder.EmbedAsync(["the cat"]);

        Assert.IsFalse(bulk.IsCompleted);
        Assert.IsTrue(embedder.Waiting > 200, $"{embedder.Waiting} of the 400 still wait");
        Assert.AreEqual(400, (await bulk).Items.Count(item => item.IsEmbedded));
    }

    private static async Task AssertRefusedAsync(string folder, string says)
    {
        using var embedder = new InProcessEmbedder(folder);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<ModelUnavailableException>(() => embedder.EmbedAsync(["cat"]))).Message, says);
    }

    private static async Task CompareAsync(string folder, Action<EmbedderOptions> pack)
    {
        var texts = Texts(300);
        using var alone = new InProcessEmbedder(folder, o => o.BatchTexts = 1);
        using var packed = new InProcessEmbedder(folder, pack);
        var expected = await alone.EmbedAsync(texts);
        var actual = await packed.EmbedAsync(texts);
        for (var i = 0; i < texts.Length; i++)
        {
            var worst = expected[i].Values.ToArray().Zip(actual[i].Values.ToArray(), (a, b) => Math.Abs(a - b)).Max();
            Assert.IsTrue(worst <= 1e-6, $"text {i} of {expected[i].TokenCount} tokens: {worst}");
        }
    }

    private static string[] Texts(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', random.GetItems(Words, random.Next(1, 40))))];
    }

    private static float Cosine(EmbeddedText a, EmbeddedText b) => TensorPrimitives.Dot(a.Values.Span, b.Values.Span);
}
