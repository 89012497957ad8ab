using System.Runtime.InteropServices;

namespace Sutra.Embedder.Models;

/// <summary>A graph in a model folder or repository.</summary>
/// <param name="Precision">Told by its name.</param>
/// <param name="Path">Relative to the folder, with <c>/</c>: <c>onnx/model_int8.onnx</c>.</param>
public sealed record OnnxFile(ModelPrecision Precision, string Path)
{
    /// <summary>
    /// What the exporters of the hub call their files, the better one first where several hold the same precision. Which instructions
    /// a dynamically quantized file was made for is in its name; all of them run everywhere, at different speeds.
    /// </summary>
    private static readonly (string Name, ModelPrecision Precision)[] Names = Known(RuntimeInformation.ProcessArchitecture);

    private static readonly string[] Folders = ["", "onnx/"];

    /// <summary>The one graph of each precision that is to be used, preferred precisions first.</summary>
    /// <param name="exists">Whether there is a file with this relative path.</param>
    public static IReadOnlyList<OnnxFile> Find(Func<string, bool> exists) =>
    [
        .. from known in Names
           from folder in Folders
           let path = folder + known.Name
           where exists(path)
           group path by known.Precision into paths
           orderby paths.Key
           select new OnnxFile(paths.Key, paths.First()),
    ];

    /// <summary>Whether <paramref name="path"/> holds weights of this graph: those above 2 GiB lie beside it.</summary>
    public bool OwnsData(string path)
    {
        if (!path.StartsWith(Path, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path.AsSpan(Path.Length);
        if (rest is "_data" or ".data")
        {
            return true;
        }

        return rest.StartsWith("_data_") && rest.Length is > 6 and < 10 && !rest[6..].ContainsAnyExceptInRange('0', '9');
    }

    private static (string, ModelPrecision)[] Known(Architecture architecture)
    {
        (string, ModelPrecision)[] arm = [("model_qint8_arm64.onnx", ModelPrecision.Int8)];
        (string, ModelPrecision)[] intel = [("model_qint8_avx512_vnni.onnx", ModelPrecision.Int8), ("model_qint8_avx512.onnx", ModelPrecision.Int8)];
        return
        [
            ("model.onnx", ModelPrecision.Float32),
            ("model_int8.onnx", ModelPrecision.Int8),
            ("model_quantized.onnx", ModelPrecision.Int8),
            .. architecture == Architecture.Arm64 ? arm.Concat(intel) : intel.Concat(arm),
            ("model_uint8.onnx", ModelPrecision.UInt8),
            ("model_quint8_avx2.onnx", ModelPrecision.UInt8),
            ("model_fp16.onnx", ModelPrecision.Float16),
            ("model_q4.onnx", ModelPrecision.Q4),
            ("model_q4f16.onnx", ModelPrecision.Q4Float16),
            ("model_bnb4.onnx", ModelPrecision.Bnb4),
        ];
    }
}
