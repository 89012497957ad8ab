using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Type and shape of a tensor.</summary>
public struct OrtTensorTypeAndShapeInfo
{
    internal OrtTensorTypeAndShapeInfo(nint info)
    {
        ElementDataType = TensorInfo.ElementType(info);
        ElementCount = TensorInfo.ElementCount(info);
        Shape = TensorInfo.Shape(info);
    }

    public TensorElementType ElementDataType { get; }

    public long ElementCount { get; }

    public int DimensionsCount => Shape.Length;

    public long[] Shape { get; }
}
