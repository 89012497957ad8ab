using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sutra.Models.Onnx;

/// <summary>Element types with the numbers that ONNX gives them.</summary>
public enum OnnxElementType
{
    Float = 1,
    Int8 = 3,
    Int64 = 7,
}

/// <summary>A named constant of a graph (an initializer), row-major.</summary>
public sealed class OnnxTensor
{
    private OnnxTensor(string name, OnnxElementType type, long[] shape, byte[] littleEndianData)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Data = littleEndianData;
    }

    public string Name { get; }

    public OnnxElementType Type { get; }

    public IReadOnlyList<long> Shape { get; }

    internal byte[] Data { get; }

    /// <param name="shape">Its product must be the number of <paramref name="values"/>; empty = a scalar.</param>
    /// <exception cref="ArgumentException">Shape and values disagree.</exception>
    public static OnnxTensor Float(string name, ReadOnlySpan<float> values, params long[] shape)
    {
        Check(values.Length, shape);
        var data = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * sizeof(float)), values[i]);
        }

        return new OnnxTensor(name, OnnxElementType.Float, shape, data);
    }

    /// <inheritdoc cref="Float"/>
    public static OnnxTensor Int8(string name, ReadOnlySpan<sbyte> values, params long[] shape)
    {
        Check(values.Length, shape);
        return new OnnxTensor(name, OnnxElementType.Int8, shape, MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <inheritdoc cref="Float"/>
    public static OnnxTensor Int64(string name, ReadOnlySpan<long> values, params long[] shape)
    {
        Check(values.Length, shape);
        var data = new byte[values.Length * sizeof(long)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * sizeof(long)), values[i]);
        }

        return new OnnxTensor(name, OnnxElementType.Int64, shape, data);
    }

    internal void WriteTo(ProtobufWriter tensor)
    {
        foreach (var size in Shape)
        {
            tensor.Int64(1, size);
        }

        tensor.Int64(2, (long)Type);
        tensor.String(8, Name);
        tensor.Bytes(9, Data);
    }

    private static void Check(int count, long[] shape)
    {
        var product = shape.Aggregate(1L, (all, size) => checked(all * size));
        if (product != count)
        {
            throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape)}] holds {product} values, not {count}.", nameof(shape));
        }
    }
}
