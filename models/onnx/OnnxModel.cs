namespace Sutra.Models.Onnx;

/// <summary>A graph with what a runtime must know to accept it.</summary>
public sealed class OnnxModel(OnnxGraph graph)
{
    /// <summary>Version of the file format; default 8 (ONNX 1.10 to 1.12), which every runtime of the last years reads.</summary>
    public int IrVersion { get; init; } = 8;

    /// <summary>Version of the operator set; default 17.</summary>
    public int Opset { get; init; } = 17;

    public string Producer { get; init; } = "sutra";

    public string ProducerVersion { get; init; } = "";

    /// <summary>Free key/value pairs, written in the order of the keys.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The bytes of a <c>.onnx</c> file. The same model gives the same bytes.</summary>
    public byte[] ToBytes()
    {
        var model = new ProtobufWriter();
        model.Int64(1, IrVersion);
        model.String(2, Producer);
        model.String(3, ProducerVersion);
        model.Message(7, graph.WriteTo);
        model.Message(8, opset =>
        {
            opset.String(1, "");
            opset.Int64(2, Opset);
        });
        foreach (var (key, value) in Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            model.Message(14, entry =>
            {
                entry.String(1, key);
                entry.String(2, value);
            });
        }

        return model.Written.ToArray();
    }
}
