namespace Sutra.Models.Onnx;

/// <summary>A graph with what a runtime must know to accept it.</summary>
public sealed class OnnxModel(OnnxGraph graph)
{
    // Of the file format (ONNX 1.10 to 1.12): every runtime of the last years reads it.
    private const int IrVersion = 8;

    private const int Opset = 17;

    public string Producer { get; init; } = "sutra";

    /// <summary>Free key/value pairs, written in the order of the keys.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The bytes of a <c>.onnx</c> file. The same model gives the same bytes.</summary>
    public byte[] ToBytes()
    {
        var model = new ProtobufWriter();
        model.Int64(1, IrVersion);
        model.String(2, Producer);
        // producer_version: it would change the bytes of the same model.
        model.String(3, "");
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
