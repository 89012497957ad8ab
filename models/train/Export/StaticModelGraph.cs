using Sutra.Models.Onnx;

namespace Sutra.Models.Train.Export;

/// <summary>
/// The model as a graph: <c>input_ids</c> and <c>attention_mask</c> int64 [batch, seq] → <c>sentence_embedding</c> float [batch, dim], the
/// L2-normalised mean of the rows of the pieces that the mask keeps. A text without any gives zeros.
/// </summary>
public static class StaticModelGraph
{
    public static OnnxModel Build(QuantizedTable table, IReadOnlyDictionary<string, string> metadata)
    {
        // Row scale and mask are one weight per piece, so scaling, masking and summing are a single product
        // [batch, 1, seq] × [batch, seq, dim]: the big tensor is read once and never written again.
        var graph = new OnnxGraph("sutra-static")
            .Input("input_ids", OnnxElementType.Int64, "batch", "sequence")
            .Input("attention_mask", OnnxElementType.Int64, "batch", "sequence")
            .Output("sentence_embedding", OnnxElementType.Float, "batch", table.Dimensions)
            .Constant(OnnxTensor.Int8("rows", table.Values, table.Rows, table.Dimensions))
            .Constant(OnnxTensor.Float("row_scales", table.Scales, table.Rows))
            .Constant(OnnxTensor.Int64("axis_1", [1], 1))
            .Constant(OnnxTensor.Float("one", [1f], 1))
            .Constant(OnnxTensor.Float("tiny", [1e-12f], 1))
            .Node("Gather", "piece_rows", ["rows", "input_ids"], OnnxAttribute.Of("axis", 0))
            .Node("Cast", "piece_vectors", ["piece_rows"], OnnxAttribute.Of("to", (long)OnnxElementType.Float))
            .Node("Gather", "piece_scales", ["row_scales", "input_ids"], OnnxAttribute.Of("axis", 0))
            .Node("Cast", "mask", ["attention_mask"], OnnxAttribute.Of("to", (long)OnnxElementType.Float))
            .Node("Mul", "piece_weights", ["piece_scales", "mask"])
            .Node("Unsqueeze", "weights", ["piece_weights", "axis_1"])
            .Node("MatMul", "weighted_sum", ["weights", "piece_vectors"])
            .Node("Squeeze", "sum", ["weighted_sum", "axis_1"])
            .Node("ReduceSum", "mask_sum", ["mask", "axis_1"], OnnxAttribute.Of("keepdims", 1))
            .Node("Max", "piece_count", ["mask_sum", "one"])
            .Node("Div", "mean", ["sum", "piece_count"])
            .Node("ReduceL2", "length", ["mean"], OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 1))
            .Node("Max", "safe_length", ["length", "tiny"])
            .Node("Div", "sentence_embedding", ["mean", "safe_length"]);
        return new OnnxModel(graph) { Producer = "sutra-train", Metadata = metadata };
    }
}
