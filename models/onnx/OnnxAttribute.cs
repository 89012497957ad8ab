namespace Sutra.Models.Onnx;

/// <summary>A named argument of a node.</summary>
public sealed class OnnxAttribute
{
    private readonly Action<ProtobufWriter> _writeValue;

    private OnnxAttribute(string name, Kind kind, Action<ProtobufWriter> writeValue)
    {
        Name = name;
        Type = kind;
        _writeValue = writeValue;
    }

    // AttributeProto.AttributeType
    private enum Kind
    {
        Float = 1,
        Int = 2,
        String = 3,
        Tensor = 4,
        Ints = 7,
    }

    public string Name { get; }

    private Kind Type { get; }

    public static OnnxAttribute Of(string name, long value) => new(name, Kind.Int, a => a.Int64(3, value));

    public static OnnxAttribute Of(string name, float value) => new(name, Kind.Float, a => a.Float(2, value));

    public static OnnxAttribute Of(string name, string value) => new(name, Kind.String, a => a.String(4, value));

    public static OnnxAttribute Of(string name, OnnxTensor value) => new(name, Kind.Tensor, a => a.Message(5, value.WriteTo));

    public static OnnxAttribute Of(string name, params long[] values) => new(name, Kind.Ints, a =>
    {
        foreach (var value in values)
        {
            a.Int64(8, value);
        }
    });

    internal void WriteTo(ProtobufWriter attribute)
    {
        attribute.String(1, Name);
        _writeValue(attribute);
        attribute.Int64(20, (long)Type);
    }
}
