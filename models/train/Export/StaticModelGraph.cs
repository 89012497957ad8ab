using Sutra.Models.Onnx;

namespace Sutra.Models.Train.Export;

/// <summary>
/// The model as a graph: <c>input_ids</c> and <c>attention_mask</c> int64 [batch, seq] → <c>sentence_embedding</c> float [batch, dim], the
/// L2-normalised sum of the rows of the pieces that the mask keeps. A text without any gives zeros.
/// </summary>
public static class StaticModelGraph
{
    /// <param name="saturate">A piece that occurs n times counts n^¾ times; false: n times.</param>
    public static OnnxModel Build(QuantizedTable table, IReadOnlyDictionary<string, string> metadata, bool saturate = true)
    {
        // Scales and mask are one weight per place, so scaling, masking and summing are a single product
        // [batch, 1, seq] × [batch, seq, dim]: the big tensor is read once and never written again.
        var graph = new OnnxGraph("sutra-static")
            .Input("input_ids", OnnxElementType.Int64, "batch", "sequence")
            .Input("attention_mask", OnnxElementType.Int64, "batch", "sequence")
            .Output("sentence_embedding", OnnxElementType.Float, "batch", table.Dimensions)
            .Constant(OnnxTensor.Int8("rows", table.Values, table.Rows, table.Dimensions))
            .Constant(OnnxTensor.Float("row_scales", table.Scales, table.Rows))
            .Constant(OnnxTensor.Int64("axis_1", [1], 1))
            .Constant(OnnxTensor.Float("tiny", [1e-12f], 1))
            .Node("Gather", "piece_rows", ["rows", "input_ids"], OnnxAttribute.Of("axis", 0))
            .Node("Cast", "piece_vectors", ["piece_rows"], OnnxAttribute.Of("to", (long)OnnxElementType.Float))
            .Node("Gather", "piece_scales", ["row_scales", "input_ids"], OnnxAttribute.Of("axis", 0))
            .Node("Cast", "mask", ["attention_mask"], OnnxAttribute.Of("to", (long)OnnxElementType.Float));
        graph = (saturate ? Saturate(graph) : graph.Node("Identity", "place_scales", ["piece_scales"]))
            .Node("Mul", "piece_weights", ["place_scales", "mask"])
            .Node("Unsqueeze", "weights", ["piece_weights", "axis_1"])
            .Node("MatMul", "weighted_sum", ["weights", "piece_vectors"])
            .Node("Squeeze", "sum", ["weighted_sum", "axis_1"])
            .Node("ReduceL2", "length", ["sum"], OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 1))
            .Node("Max", "safe_length", ["length", "tiny"])
            .Node("Div", "sentence_embedding", ["sum", "safe_length"]);
        return new OnnxModel(graph) { Producer = "sutra-train", Metadata = metadata };
    }

    /// <summary>
    /// Divides a piece's scale by the fourth root of how often the text has it, so that its n places add up to n^¾. To count, each place is
    /// compared with every other of its text: little beside the rows, as long as a text is not much longer than the vectors.
    /// </summary>
    private static OnnxGraph Saturate(OnnxGraph graph) => graph
        .Constant(OnnxTensor.Int64("axis_2", [2], 1))
        .Node("Unsqueeze", "ids_down", ["input_ids", "axis_2"])
        .Node("Unsqueeze", "ids_across", ["input_ids", "axis_1"])
        .Node("Equal", "same_piece", ["ids_down", "ids_across"])
        .Node("Cast", "same", ["same_piece"], OnnxAttribute.Of("to", (long)OnnxElementType.Float))
        .Node("Unsqueeze", "mask_down", ["mask", "axis_2"])
        .Node("MatMul", "counts_down", ["same", "mask_down"])
        .Node("Squeeze", "counts", ["counts_down", "axis_2"])
        .Node("Sqrt", "root_counts", ["counts"])
        .Node("Sqrt", "fourth_root_counts", ["root_counts"])
        .Node("Max", "safe_roots", ["fourth_root_counts", "tiny"])
        .Node("Div", "place_scales", ["piece_scales", "safe_roots"]);
}
