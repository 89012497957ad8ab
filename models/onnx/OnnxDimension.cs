using System.Runtime.InteropServices;

namespace Sutra.Models.Onnx;

/// <summary>One axis of a shape: a fixed size, or a name for a size that is known only when the model runs.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OnnxDimension
{
    private readonly long _size;
    private readonly string? _name;

    private OnnxDimension(long size, string? name)
    {
        _size = size;
        _name = name;
    }

    public static implicit operator OnnxDimension(long size) => FromSize(size);

    public static implicit operator OnnxDimension(string name) => FromName(name);

    public static OnnxDimension FromSize(long size) => new(size, name: null);

    public static OnnxDimension FromName(string name) => new(0, name);

    internal void WriteTo(ProtobufWriter dimension)
    {
        if (_name is null)
        {
            dimension.Int64(1, _size);
        }
        else
        {
            dimension.String(2, _name);
        }
    }
}
