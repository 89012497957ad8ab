using System.Globalization;
using System.Text;
using System.Text.Json;
using Sutra.Models.Train.Initialization;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Models.Train.Export;

/// <summary>Writes what a server needs to run a model: <c>model.onnx</c>, <c>tokenizer.json</c>, <c>config.json</c>, and <c>README.md</c>, its card.</summary>
public static class ModelFolder
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n" };

    public static void Write(string folder, PieceVocabulary vocabulary, EmbeddingTable table, ModelDescription description)
    {
        Directory.CreateDirectory(folder);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = description.Build.Name,
            ["kind"] = description.Kind,
            ["dimensions"] = description.Build.Dimensions.ToString(CultureInfo.InvariantCulture),
            ["seed"] = description.Build.Seed.ToString(CultureInfo.InvariantCulture),
        };
        var model = StaticModelGraph.Build(QuantizedTable.From(table), metadata, description.Build.Saturate).ToBytes();
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model);
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), TokenizerJson.Write(vocabulary));
        File.WriteAllText(Path.Combine(folder, "config.json"), Config(description), new UTF8Encoding(false));
        File.WriteAllText(Path.Combine(folder, "README.md"), ModelCard.Write(description, model.Length), new UTF8Encoding(false));
    }

    private static string Config(ModelDescription description) =>
        JsonSerializer.Serialize(
            new
            {
                model_type = "sutra-static",
                name = description.Build.Name,
                hidden_size = description.Build.Dimensions,
                matryoshka_dimensions = description.MatryoshkaDimensions,
                vocab_size = description.Pieces,
                max_position_embeddings = 2048,
                pad_token_id = PieceVocabulary.PaddingId,
                unk_token_id = PieceVocabulary.UnknownId,
                pooling = description.Build.Saturate ? "saturated-mean" : "mean",
                normalize = true,
                quantization = "int8-per-row",
                trained_without = description.TrainedWithout,
                license = description.Sources is null ? "not stated" : "Apache-2.0",
            },
            Readable) + "\n";
}
