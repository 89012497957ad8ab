using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.PostProcessing;
using Sutra.Embedder.Telemetry;
using Sutra.Embedder.Tokenization;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Embedder.Pipeline;

[TestClass]
public sealed class EmbeddingPipelineTests
{
    private static readonly string BuiltIn = Path.Combine(Repository.Root, "models", "sutra-static");

    [TestMethod]
    public async Task Vectors_are_cut_to_the_sizes_that_the_model_was_trained_for_and_to_no_other()
    {
        using var embedder = new InProcessEmbedder(BuiltIn);
        var whole = (await embedder.EmbedAsync(["a cat on a mat"]))[0].Values;
        var cut = await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["a cat on a mat"], Dimensions = 64 });

        Assert.AreEqual(64, cut.Dimensions);
        Assert.AreEqual(1, TensorPrimitives.Norm(cut.Items[0].Values.Span), 1e-6);
        Assert.AreEqual(1, TensorPrimitives.CosineSimilarity(cut.Items[0].Values.Span, whole.Span[..64]), 1e-6);
        foreach (var illegal in new[] { 0, -1, 63, 257, int.MaxValue })
        {
            var error = await Assert.ThrowsExactlyAsync<CallException>(
                () => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["cat"], Dimensions = illegal }));
            Assert.AreEqual("dimensions", error.Parameter);
            StringAssert.Contains(error.Message, "256, 128, 64");
        }
    }

    [TestMethod]
    public async Task A_model_that_was_not_trained_to_be_cut_is_not()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var embedder = new InProcessEmbedder(folder.Path);
        await Assert.ThrowsExactlyAsync<CallException>(() => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["cat"], Dimensions = 16 }));
        Assert.AreEqual(32, (await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["cat"], Dimensions = 32 })).Dimensions);
    }

    [TestMethod]
    [DataRow(VectorType.Int8, 256)]
    [DataRow(VectorType.UInt8, 256)]
    [DataRow(VectorType.Binary, 32)]
    [DataRow(VectorType.UBinary, 32)]
    public async Task Quantised_vectors_come_as_codes(VectorType type, int bytes)
    {
        using var embedder = new InProcessEmbedder(BuiltIn);
        var answer = await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["cat", ""], Type = type });
        Assert.AreEqual(bytes, answer.Items[0].Codes!.Length);
        Assert.IsTrue(answer.Items[0].Values.IsEmpty);
        Assert.AreEqual(TextFailure.Empty, answer.Items[1].Failure);
    }

    [TestMethod]
    public async Task Prompts_go_before_the_text_by_name_or_by_what_it_is_for()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        await File.WriteAllTextAsync(folder.File("config_sentence_transformers.json"), """{"prompts": {"query": "dog ", "passage": "hello "}}""");
        using var embedder = new InProcessEmbedder(folder.Path);
        async Task<float[]> VectorAsync(EmbeddingCall call) => (await embedder.Pipeline.EmbedAsync(call)).Items[0].Values.ToArray();
        var plain = new EmbeddingCall { Texts = ["the cat"] };

        CollectionAssert.AreEqual(await VectorAsync(new EmbeddingCall { Texts = ["dog the cat"] }), await VectorAsync(plain with { InputType = InputType.Query }));
        CollectionAssert.AreEqual(await VectorAsync(new EmbeddingCall { Texts = ["hello the cat"] }), await VectorAsync(plain with { InputType = InputType.Document }));
        CollectionAssert.AreEqual(await VectorAsync(plain with { InputType = InputType.Query }), await VectorAsync(plain with { PromptName = "query" }));
        CollectionAssert.AreNotEqual(await VectorAsync(plain), await VectorAsync(plain with { PromptName = "query" }));
        var error = await Assert.ThrowsExactlyAsync<CallException>(() => VectorAsync(plain with { PromptName = "nobody" }));
        StringAssert.Contains(error.Message, "passage, query");
    }

    [TestMethod]
    public async Task A_text_that_is_too_long_is_cut_on_either_side_or_fails_alone()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, maxTokens: 6);
        using var embedder = new InProcessEmbedder(folder.Path);
        var call = new EmbeddingCall { Texts = ["the cat sat on mat", "cat"] };
        async Task<IReadOnlyList<EmbeddedText>> ItemsAsync(EmbeddingCall call) => (await embedder.Pipeline.EmbedAsync(call)).Items;

        var right = await ItemsAsync(call);
        var left = await ItemsAsync(call with { TruncationSide = TruncationSide.Left });
        var refused = await ItemsAsync(call with { Truncate = false });

        Assert.IsTrue(right[0].Truncated && left[0].Truncated && !right[1].Truncated);
        CollectionAssert.AreEqual((await ItemsAsync(new EmbeddingCall { Texts = ["the cat sat on"] }))[0].Values.ToArray(), right[0].Values.ToArray());
        CollectionAssert.AreEqual((await ItemsAsync(new EmbeddingCall { Texts = ["cat sat on mat"] }))[0].Values.ToArray(), left[0].Values.ToArray());
        CollectionAssert.AreEqual(new[] { TextFailure.TooLong, TextFailure.None }, refused.Select(item => item.Failure).ToArray());
    }

    [TestMethod]
    public async Task Raw_vectors_have_the_direction_of_normalised_ones()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var embedder = new InProcessEmbedder(folder.Path);
        var unit = (await embedder.EmbedAsync(["the cat"]))[0].Values;
        var raw = (await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["the cat"], Normalise = false })).Items[0].Values;
        Assert.IsTrue(Math.Abs(TensorPrimitives.Norm(raw.Span) - 1) > 0.1);
        Assert.AreEqual(1, TensorPrimitives.CosineSimilarity(raw.Span, unit.Span), 1e-6);
    }

    [TestMethod]
    public async Task Token_vectors_average_to_the_texts_vector_and_static_models_have_none()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var embedder = new InProcessEmbedder(folder.Path);
        var (_, dimensions, items) = await embedder.Pipeline.EmbedTokenVectorsAsync(new EmbeddingCall { Texts = ["the cat"] });
        var mean = new float[dimensions];
        for (var row = 0; row < items[0].TokenCount; row++)
        {
            TensorPrimitives.Add(mean, items[0].Values.AsSpan(row * dimensions, dimensions), mean);
        }

        var vector = (await embedder.EmbedAsync(["the cat"]))[0].Values;
        Assert.AreEqual(4 * dimensions, items[0].Values!.Length);
        Assert.AreEqual(1, TensorPrimitives.CosineSimilarity(mean, vector.Span), 1e-6);

        using var builtIn = new InProcessEmbedder(BuiltIn);
        await Assert.ThrowsExactlyAsync<CallException>(() => builtIn.Pipeline.EmbedTokenVectorsAsync(new EmbeddingCall { Texts = ["cat"] }));
        using var small = new InProcessEmbedder(folder.Path, options => options.MaxTokenVectorBytes = 4 * sizeof(float) * dimensions);
        Assert.HasCount(1, (await small.Pipeline.EmbedTokenVectorsAsync(new EmbeddingCall { Texts = ["the cat"] })).Items, "two words between two marks");
        var refusal = await Assert.ThrowsExactlyAsync<CallException>(() => small.Pipeline.EmbedTokenVectorsAsync(new EmbeddingCall { Texts = ["the cat", "cat"] }));
        Assert.AreEqual("input", refusal.Parameter, "what is in memory at a time is bounded");
    }

    [TestMethod]
    public async Task Ids_that_are_not_the_models_are_refused_and_named()
    {
        using var embedder = new InProcessEmbedder(BuiltIn);
        var error = await Assert.ThrowsExactlyAsync<CallException>(() => embedder.EmbedTokensAsync([[5], [7, 100_256]]));
        StringAssert.StartsWith(error.Message, "input[1][1] ");
    }

    [TestMethod]
    public async Task A_text_on_which_the_models_own_pattern_backtracks_without_end_fails_alone()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        var tokenizer = TestModel.Tokenizer();
        tokenizer["pre_tokenizer"] = JsonNode.Parse("""{"type": "Split", "pattern": {"Regex": "(?:a|aa)+$|[a-z]+"}, "behavior": "Isolated", "invert": false}""");
        await File.WriteAllTextAsync(folder.File("tokenizer.json"), tokenizer.ToJsonString());
        using var embedder = new InProcessEmbedder(folder.Path);

        var items = await embedder.EmbedAsync(["cat", new string('a', 200) + "!", "dog"]);

        CollectionAssert.AreEqual(new[] { TextFailure.None, TextFailure.Untokenizable, TextFailure.None }, items.Select(item => item.Failure).ToArray());
    }

    [TestMethod]
    public async Task A_call_leaves_a_span_for_each_stage_and_none_of_its_text()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EmbedderTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var embedder = new InProcessEmbedder(BuiltIn);
        using var mine = new Activity("test").Start();
        await embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["marzipan zeppelin"], Dimensions = 64 });
        await Assert.ThrowsExactlyAsync<CallException>(() => embedder.Pipeline.EmbedAsync(new EmbeddingCall { Texts = ["marzipan"], Dimensions = 65 }));

        Activity[] own;
        lock (spans)
        {
            own = [.. spans.Where(span => span.TraceId == mine.TraceId)];
        }

        CollectionAssert.AreEqual(
            new[] { "model_selection", "tokenization", "onnx_inference", "post_processing", "embedding_request", "model_selection", "embedding_request" },
            own.Select(span => span.OperationName).ToArray());
        var root = own[4];
        Assert.IsTrue(own[..4].All(span => span.ParentSpanId == root.SpanId));
        Assert.AreEqual(mine.TraceId.ToHexString(), root.GetTagItem("request_id"));
        Assert.AreEqual(1, root.GetTagItem("batch_size"));
        Assert.AreEqual(64, root.GetTagItem("target_dimensions"));
        Assert.AreEqual("cpu", own[2].GetTagItem("provider"));
        Assert.AreEqual("float32", own[3].GetTagItem("quantization"));
        Assert.AreEqual(ActivityStatusCode.Error, own[6].Status);
        Assert.IsFalse(own.SelectMany(span => span.TagObjects).Any(tag => tag.Value?.ToString()?.Contains("marzipan", StringComparison.Ordinal) == true));
    }
}
