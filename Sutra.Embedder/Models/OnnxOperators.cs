using Google.Protobuf;

namespace Sutra.Embedder.Models;

/// <summary>Reads which operators a graph uses, without loading its weights: <c>ModelProto.graph.node.op_type</c> of the ONNX format.</summary>
internal static class OnnxOperators
{
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int NodeOpType = 4;

    /// <summary>
    /// Whether activations are quantised while it runs. Their scale is then taken over the whole batch, so a text's vector would
    /// depend on the texts that happen to share its run (onnxruntime issue 10111).
    /// </summary>
    public static bool IsDynamicallyQuantised(string onnxPath) =>
        Read(onnxPath).Any(op => op is "DynamicQuantizeLinear" or "DynamicQuantizeMatMul" or "DynamicQuantizeLSTM" or "MatMulIntegerToFloat");

    /// <summary>The operators of the main graph, in its order.</summary>
    /// <exception cref="ModelException">The file is not a protobuf message.</exception>
    public static IReadOnlyList<string> Read(string onnxPath)
    {
        try
        {
            using var file = File.OpenRead(onnxPath);
            using var input = new CodedInputStream(file);
            var operators = new List<string>();
            ForEach(input, long.MaxValue, ModelGraph, end => ForEach(input, end, GraphNode, nodeEnd =>
            {
                while (input.Position < nodeEnd && input.ReadTag() is var tag and not 0)
                {
                    if (WireFormat.GetTagFieldNumber(tag) == NodeOpType)
                    {
                        operators.Add(input.ReadString());
                    }
                    else
                    {
                        input.SkipLastField();
                    }
                }
            }));
            return operators;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelException($"'{onnxPath}' is not an ONNX file: {e.Message}", e);
        }
    }

    private static void ForEach(CodedInputStream input, long end, int field, Action<long> read)
    {
        while (input.Position < end && input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                var length = input.ReadLength();
                read(input.Position + length);
            }
            else
            {
                input.SkipLastField();
            }
        }
    }
}
