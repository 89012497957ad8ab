using Microsoft.ML.OnnxRuntime;
using Sutra.Models.Onnx;
using Sutra.Tests.Harness;

namespace Sutra.Tests.Models.Onnx;

[TestClass]
public sealed class OnnxModelTests
{
    [TestMethod]
    public void A_written_graph_computes_in_onnx_runtime_what_it_says()
    {
        // y = rows[ids] × 0.5, summed over the second axis
        var graph = new OnnxGraph("test")
            .Input("ids", OnnxElementType.Int64, "n", 2)
            .Output("y", OnnxElementType.Float, "n", 3)
            .Constant(OnnxTensor.Int8("rows", [1, 2, 3, -4, -5, -6], 2, 3))
            .Constant(OnnxTensor.Float("half", [0.5f]))
            .Constant(OnnxTensor.Int64("axis", [1], 1))
            .Node("Gather", "gathered", ["rows", "ids"], OnnxAttribute.Of("axis", 0))
            .Node("Cast", "cast", ["gathered"], OnnxAttribute.Of("to", (long)OnnxElementType.Float))
            .Node("Mul", "scaled", ["cast", "half"])
            .Node("ReduceSum", "y", ["scaled", "axis"], OnnxAttribute.Of("keepdims", 0));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("m.onnx"), new OnnxModel(graph).ToBytes());

        using var options = new SessionOptions();
        using var session = new InferenceSession(folder.File("m.onnx"), options);
        using var ids = OrtValue.CreateTensorValueFromMemory(new long[] { 0, 0, 0, 1 }, [2, 2]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["ids"], [ids], ["y"]);

        CollectionAssert.AreEqual(new[] { 1f, 2f, 3f, -1.5f, -1.5f, -1.5f }, outputs.Single().GetTensorDataAsSpan<float>().ToArray());
        CollectionAssert.AreEqual(new[] { -1, 2 }, session.InputMetadata["ids"].Dimensions);
        Assert.AreEqual("n", session.InputMetadata["ids"].SymbolicDimensions[0]);
    }

    [TestMethod]
    public void A_tensor_whose_shape_and_values_disagree_is_refused()
    {
        var refused = Assert.ThrowsExactly<ArgumentException>(() => OnnxTensor.Float("t", [1, 2, 3], 2, 2));

        StringAssert.Contains(refused.Message, "holds 4 values, not 3");
    }
}
