using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Reads an <c>OrtTensorTypeAndShapeInfo</c>.</summary>
internal static unsafe class TensorInfo
{
    public static TensorElementType ElementType(nint info)
    {
        int type;
        OrtApi.Check(OrtApi.GetTensorElementType(info, &type));
        return (TensorElementType)type;
    }

    public static long ElementCount(nint info)
    {
        nuint count;
        OrtApi.Check(OrtApi.GetTensorShapeElementCount(info, &count));
        return (long)count;
    }

    public static long[] Shape(nint info)
    {
        var shape = new long[Rank(info)];
        fixed (long* dimensions = shape)
        {
            OrtApi.Check(OrtApi.GetDimensions(info, dimensions, (nuint)shape.Length));
        }

        return shape;
    }

    public static string[] SymbolicDimensions(nint info)
    {
        var names = new string[Rank(info)];
        var pointers = stackalloc byte*[names.Length];
        OrtApi.Check(OrtApi.GetSymbolicDimensions(info, pointers, (nuint)names.Length));
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = OrtApi.Text(pointers[i]);
        }

        return names;
    }

    private static int Rank(nint info)
    {
        nuint rank;
        OrtApi.Check(OrtApi.GetDimensionsCount(info, &rank));
        return (int)rank;
    }
}
