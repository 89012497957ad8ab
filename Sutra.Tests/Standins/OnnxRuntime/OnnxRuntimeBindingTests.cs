using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sutra.Tests.Embedder.Support;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Standins.OnnxRuntime;

[TestClass]
public sealed class OnnxRuntimeBindingTests
{
    private static readonly string BuiltIn = Path.Combine(Repository.Root, "models", "sutra-static", "model.onnx");

    [TestMethod]
    public void The_library_says_its_version() => StringAssert.Matches(OrtEnv.Instance().GetVersionString(), new(@"^1\.\d+\.\d+"));

    [TestMethod]
    public void Names_types_and_shapes_are_the_models_own()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path);
        using var session = Open(Path.Combine(folder.Path, "onnx", "model.onnx"));

        CollectionAssert.AreEqual(new[] { "input_ids", "attention_mask", "token_type_ids" }, session.InputNames.ToArray());
        CollectionAssert.AreEqual(new[] { "last_hidden_state" }, session.OutputNames.ToArray());
        var ids = session.InputMetadata["input_ids"];
        Assert.IsTrue(ids.IsTensor);
        Assert.AreEqual(TensorElementType.Int64, ids.ElementDataType);
        CollectionAssert.AreEqual(new[] { -1, -1 }, ids.Dimensions);
        CollectionAssert.AreEqual(new[] { "batch", "sequence" }, ids.SymbolicDimensions);
        var hidden = session.OutputMetadata["last_hidden_state"];
        Assert.AreEqual(TensorElementType.Float, hidden.ElementDataType);
        CollectionAssert.AreEqual(new[] { -1, -1, TestModel.Hidden }, hidden.Dimensions);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_bert_gives_the_vectors_that_onnxruntime_node_gives()
    {
        using var folder = new TemporaryFolder();
        TestModel.Write(folder.Path, layers: 2);
        await CompareAsync(Path.Combine(folder.Path, "onnx", "model.onnx"), "last_hidden_state", TestModel.Vocabulary.Count, folder);
    }

    [TestMethod]
    [TestCategory("Slow")]
    public async Task The_built_in_model_gives_the_vectors_that_onnxruntime_node_gives()
    {
        using var folder = new TemporaryFolder();
        await CompareAsync(BuiltIn, "sentence_embedding", 30_000, folder);
    }

    [TestMethod]
    public void Outputs_that_the_caller_made_receive_the_same_values()
    {
        using var session = Open(BuiltIn);
        var feeds = Feeds(session, [5, 6, 7, 8, 9, 10], [2, 3]);
        var expected = Run(session, "sentence_embedding", feeds, [2, 3]).Values;

        var values = new float[expected.Length];
        using var ids = OrtValue.CreateTensorValueFromMemory(feeds["input_ids"], [2, 3]);
        using var mask = OrtValue.CreateTensorValueFromMemory(feeds["attention_mask"], [2, 3]);
        using var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(), [2, 256]);
        using var options = new RunOptions();
        session.Run(options, ["input_ids", "attention_mask"], [ids, mask], ["sentence_embedding"], [output]);

        CollectionAssert.AreEqual(expected, values);
    }

    [TestMethod]
    public void Many_threads_may_run_one_session()
    {
        using var session = Open(BuiltIn);
        var alone = Enumerable.Range(0, 64).Select(i => RunOne(session, i)).ToArray();

        Parallel.For(0, 640, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => CollectionAssert.AreEqual(alone[i % 64], RunOne(session, i % 64)));

        static float[] RunOne(InferenceSession session, int seed)
        {
            long[] ids = [seed + 2, seed * 7 % 29_000, seed * 31 % 29_000, 99];
            return Run(session, "sentence_embedding", Feeds(session, ids, [1, 4]), [1, 4]).Values;
        }
    }

    [TestMethod]
    public void What_cannot_be_loaded_or_run_is_an_error_with_its_code()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("broken.onnx"), "this is no model");
        StringAssert.StartsWith(Assert.ThrowsExactly<OnnxRuntimeException>(() => Open(folder.File("broken.onnx"))).Message, "[ErrorCode:InvalidProtobuf]");
        StringAssert.StartsWith(Assert.ThrowsExactly<OnnxRuntimeException>(() => Open(folder.File("absent.onnx"))).Message, "[ErrorCode:NoSuchFile]");

        using var session = Open(BuiltIn);
        using var options = new RunOptions();
        using var ids = OrtValue.CreateTensorValueFromMemory(new long[] { 1, 2 }, [1, 2]);
        StringAssert.Contains(
            Assert.ThrowsExactly<OnnxRuntimeException>(() => session.Run(options, ["nobody"], [ids], ["sentence_embedding"])).Message, "nobody");
        // An id outside the table: the graph itself fails.
        var bad = Feeds(session, [1_000_000], [1, 1]);
        Assert.ThrowsExactly<OnnxRuntimeException>(() => Run(session, "sentence_embedding", bad, [1, 1]));
        Assert.ThrowsExactly<ArgumentException>(() => session.Run(options, ["input_ids", "attention_mask"], [ids], ["sentence_embedding"]));
    }

    [TestMethod]
    public void Tensors_check_their_memory_and_their_type()
    {
        Assert.ThrowsExactly<OnnxRuntimeException>(() => OrtValue.CreateTensorValueFromMemory(new long[3], [2, 2]));
        using var value = OrtValue.CreateTensorValueFromMemory(new long[] { 1, 2, 3, 4 }, [2, 2]);
        Assert.ThrowsExactly<OnnxRuntimeException>(() => value.GetTensorDataAsSpan<float>().Length);
        CollectionAssert.AreEqual(new long[] { 1, 2, 3, 4 }, value.GetTensorDataAsSpan<long>().ToArray());
        CollectionAssert.AreEqual(new long[] { 2, 2 }, value.GetTensorTypeAndShape().Shape);
    }

    private static async Task CompareAsync(string model, string output, int vocabulary, TemporaryFolder folder)
    {
        using var session = Open(model);
        var random = new Random(7);
        var runs = new (long[] Shape, Dictionary<string, long[]> Feeds)[] { Make(1, 1), Make(1, 9), Make(3, 17), Make(8, 30) };
        await File.WriteAllTextAsync(folder.File("input.json"), JsonSerializer.Serialize(new
        {
            output,
            runs = runs.Select(run => new { dims = run.Shape, feeds = run.Feeds }),
        }));

        var theirs = await NodeScript.RunAsync("onnx-vectors.mjs", model, folder.File("input.json"));
        for (var i = 0; i < runs.Length; i++)
        {
            var (shape, values) = Run(session, output, runs[i].Feeds, runs[i].Shape);
            CollectionAssert.AreEqual(shape, theirs["runs"]![i]!["dims"]!.AsArray().Select(d => (long)d!).ToArray());
            var expected = MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)theirs["runs"]![i]!["base64"]!)).ToArray();
            var worst = expected.Zip(values, (a, b) => Math.Abs(a - b)).Max();
            Assert.IsTrue(worst <= 1e-6, $"run {i}: the largest difference is {worst}");
        }

        (long[], Dictionary<string, long[]>) Make(int texts, int tokens)
        {
            var ids = Enumerable.Range(0, texts * tokens).Select(_ => (long)random.Next(vocabulary)).ToArray();
            var feeds = Feeds(session, ids, [texts, tokens]);
            // The last text is shorter than the others.
            for (var t = tokens - (tokens / 3); t < tokens; t++)
            {
                feeds["attention_mask"][((texts - 1) * tokens) + t] = 0;
            }

            return ([texts, tokens], feeds);
        }
    }

    private static InferenceSession Open(string path)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        return new InferenceSession(path, options);
    }

    private static Dictionary<string, long[]> Feeds(InferenceSession session, long[] ids, long[] shape)
    {
        var feeds = new Dictionary<string, long[]>(StringComparer.Ordinal) { ["input_ids"] = ids, ["attention_mask"] = [.. ids.Select(_ => 1L)] };
        if (session.InputMetadata.ContainsKey("token_type_ids"))
        {
            feeds["token_type_ids"] = new long[shape[0] * shape[1]];
        }

        return feeds;
    }

    private static (long[] Shape, float[] Values) Run(InferenceSession session, string output, Dictionary<string, long[]> feeds, long[] shape)
    {
        var values = feeds.Values.Select(ids => OrtValue.CreateTensorValueFromMemory(ids, shape)).ToArray();
        try
        {
            using var options = new RunOptions();
            using var outputs = session.Run(options, [.. feeds.Keys], values, [output]);
            var result = outputs.First();
            return (result.GetTensorTypeAndShape().Shape, result.GetTensorDataAsSpan<float>().ToArray());
        }
        finally
        {
            foreach (var value in values)
            {
                value.Dispose();
            }
        }
    }
}
