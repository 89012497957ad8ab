using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime.Native;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A native value; over managed memory it keeps that memory pinned until it is disposed.</summary>
public unsafe class OrtValue : IDisposable
{
    private nint _handle;
    private MemoryHandle _memory;

    internal OrtValue(nint handle)
    {
        _handle = handle;
        int kind;
        OrtApi.Check(OrtApi.GetValueType(handle, &kind));
        OnnxType = (OnnxValueType)kind;
    }

    private OrtValue(nint handle, MemoryHandle memory)
    {
        _handle = handle;
        _memory = memory;
        OnnxType = OnnxValueType.ONNX_TYPE_TENSOR;
    }

    ~OrtValue() => Dispose(disposing: false);

    public OnnxValueType OnnxType { get; }

    public bool IsTensor => OnnxType == OnnxValueType.ONNX_TYPE_TENSOR;

    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(OrtValue));

    /// <summary>A tensor over the first elements of <paramref name="memory"/>, which must hold at least what the shape asks for.</summary>
    public static OrtValue CreateTensorValueFromMemory<T>(OrtMemoryInfo memoryInfo, Memory<T> memory, long[] shape)
        where T : unmanaged
    {
        var type = ElementTypeOf(typeof(T))
            ?? throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Tensor of type: {typeof(T)} is not supported");
        long elements = 1;
        foreach (var dimension in shape)
        {
            elements = dimension >= 0
                ? checked(elements * dimension)
                : throw new ArgumentOutOfRangeException(nameof(shape), "Shape must not have negative elements: " + string.Join(',', shape));
        }

        if (elements > memory.Length)
        {
            throw new OnnxRuntimeException(
                ErrorCode.InvalidArgument,
                $"Managed memory size: {memory.Length} elements is less than shape size: {elements} elements");
        }

        var pinned = memory.Pin();
        try
        {
            nint value;
            fixed (long* dimensions = shape)
            {
                OrtApi.Check(OrtApi.CreateTensorWithDataAsOrtValue(
                    memoryInfo.Pointer, pinned.Pointer, (nuint)memory.Length * (nuint)sizeof(T), dimensions, (nuint)shape.Length, (int)type, &value));
            }

            return new OrtValue(value, pinned);
        }
        catch
        {
            pinned.Dispose();
            throw;
        }
    }

    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape)
        where T : unmanaged => CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, new Memory<T>(data), shape);

    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape()
    {
        if (OnnxType is not (OnnxValueType.ONNX_TYPE_TENSOR or OnnxValueType.ONNX_TYPE_SPARSETENSOR))
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"This OrtValue type contains: {OnnxType}, not a tensor or sparse tensor");
        }

        nint info;
        OrtApi.Check(OrtApi.GetTensorTypeAndShape(Handle, &info));
        try
        {
            return new OrtTensorTypeAndShapeInfo(info);
        }
        finally
        {
            OrtApi.ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    /// <summary>The tensor's own memory, without a copy; valid until the value is disposed.</summary>
    public ReadOnlySpan<T> GetTensorDataAsSpan<T>()
        where T : unmanaged
    {
        if (!IsTensor)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"This OrtValue type contains: {OnnxType}, not a tensor");
        }

        var info = GetTensorTypeAndShape();
        if (typeof(T) != typeof(byte) && ElementTypeOf(typeof(T)) != info.ElementDataType)
        {
            throw new OnnxRuntimeException(
                ErrorCode.InvalidArgument, $"Requested type: {typeof(T)} does not match the actual type: {info.ElementDataType}");
        }

        if (info.ElementCount == 0)
        {
            return [];
        }

        void* data;
        OrtApi.Check(OrtApi.GetTensorMutableData(Handle, &data));
        var bytes = checked((int)(info.ElementCount * SizeOf(info.ElementDataType)));
        return new ReadOnlySpan<T>(data, bytes / Unsafe.SizeOf<T>());
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_handle == 0)
        {
            return;
        }

        OrtApi.ReleaseValue(_handle);
        _handle = 0;
        _memory.Dispose();
    }

    private static TensorElementType? ElementTypeOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Single => TensorElementType.Float,
        TypeCode.Double => TensorElementType.Double,
        TypeCode.Int64 => TensorElementType.Int64,
        TypeCode.Int32 => TensorElementType.Int32,
        TypeCode.Int16 => TensorElementType.Int16,
        TypeCode.SByte => TensorElementType.Int8,
        TypeCode.UInt64 => TensorElementType.UInt64,
        TypeCode.UInt32 => TensorElementType.UInt32,
        TypeCode.UInt16 => TensorElementType.UInt16,
        TypeCode.Byte => TensorElementType.UInt8,
        TypeCode.Boolean => TensorElementType.Bool,
        _ => null,
    };

    private static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.Float or TensorElementType.Int32 or TensorElementType.UInt32 => 4,
        TensorElementType.Double or TensorElementType.Int64 or TensorElementType.UInt64 => 8,
        _ => throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"Element type: {type} is not registered type."),
    };
}
