using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What a model says of one of its inputs or outputs.</summary>
public class NodeMetadata
{
    private readonly int[] _dimensions;
    private readonly string[] _symbolicDimensions;
    private readonly TensorElementType _elementType;

    internal unsafe NodeMetadata(nint typeInfo)
    {
        int kind;
        OrtApi.Check(OrtApi.GetOnnxTypeFromTypeInfo(typeInfo, &kind));
        OnnxValueType = (OnnxValueType)kind;
        _dimensions = [];
        _symbolicDimensions = [];
        if (!IsTensor)
        {
            return;
        }

        nint tensor; // Owned by typeInfo.
        OrtApi.Check(OrtApi.CastTypeInfoToTensorInfo(typeInfo, &tensor));
        _elementType = TensorInfo.ElementType(tensor);
        _dimensions = Array.ConvertAll(TensorInfo.Shape(tensor), d => (int)d);
        _symbolicDimensions = TensorInfo.SymbolicDimensions(tensor);
    }

    public OnnxValueType OnnxValueType { get; }

    public bool IsTensor => OnnxValueType is OnnxValueType.ONNX_TYPE_TENSOR or OnnxValueType.ONNX_TYPE_SPARSETENSOR;

    /// <summary>-1 where the size is not fixed.</summary>
    public int[] Dimensions => IsTensor ? _dimensions : throw NotATensor();

    /// <summary>Names of the sizes that are not fixed; empty where they are.</summary>
    public string[] SymbolicDimensions => IsTensor ? _symbolicDimensions : throw NotATensor();

    public TensorElementType ElementDataType => IsTensor ? _elementType : throw NotATensor();

    private InvalidOperationException NotATensor() => new($"Instance of {OnnxValueType} is not a tensor.");
}
