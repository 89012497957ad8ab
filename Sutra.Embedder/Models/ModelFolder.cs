using System.Text.Json;

namespace Sutra.Embedder.Models;

/// <summary>How one vector is made of a text's token vectors.</summary>
public enum PoolingMode
{
    /// <summary>Mean over the real tokens.</summary>
    Mean,

    /// <summary>The first token's vector.</summary>
    FirstToken,

    /// <summary>The last real token's vector, padding left out.</summary>
    LastToken,
}

/// <summary>
/// A model as it lies on disk, laid out as on the Hugging Face hub: <c>model.onnx</c> or <c>onnx/model.onnx</c>, <c>tokenizer.json</c>,
/// and, when there, <c>config.json</c>, <c>sentence_bert_config.json</c>, <c>1_Pooling/config.json</c>.
/// </summary>
public sealed class ModelFolder
{
    /// <summary>Where no file says how much the model reads.</summary>
    public const int DefaultMaxTokens = 512;

    private const int LongestMaxTokens = 1 << 20;

    private ModelFolder(string path)
    {
        Path = path;
        OnnxPath = FirstFile("model.onnx", System.IO.Path.Combine("onnx", "model.onnx"))
            ?? throw new ModelException($"The model folder '{path}' has neither model.onnx nor onnx/model.onnx.");
        TokenizerPath = FirstFile("tokenizer.json")
            ?? throw new ModelException($"The model folder '{path}' has no tokenizer.json.");

        using var config = ReadJson("config.json");
        using var sentences = ReadJson("sentence_bert_config.json");
        using var pooling = ReadJson(System.IO.Path.Combine("1_Pooling", "config.json"));
        MaxTokens = (Number(config, "max_position_embeddings"), Number(sentences, "max_seq_length")) switch
        {
            ({ } positions, { } sentence) => Math.Min(positions, sentence),
            ({ } positions, null) => positions,
            (null, { } sentence) => sentence,
            _ => DefaultMaxTokens,
        };
        VocabularySize = Number(config, "vocab_size");
        Pooling = ReadPooling(pooling);
    }

    public string Path { get; }

    public string OnnxPath { get; }

    public string TokenizerPath { get; }

    /// <summary>Most tokens, special ones included, that the model reads of a text.</summary>
    public int MaxTokens { get; }

    /// <summary>Rows of the model's token table, when a file says so.</summary>
    public int? VocabularySize { get; }

    public PoolingMode Pooling { get; }

    /// <summary>Opens <paramref name="path"/>; a <see cref="ModelException"/> says what is missing or unreadable.</summary>
    public static ModelFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path, AppContext.BaseDirectory);
        if (!Directory.Exists(full))
        {
            throw new ModelException($"The model folder '{full}' does not exist (Embedder:ModelPath).");
        }

        try
        {
            return new ModelFolder(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The model folder '{full}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The files that decide which vector a text gets, in a fixed order, relative to <see cref="Path"/>.</summary>
    public IEnumerable<string> IdentityFiles()
    {
        string[] small = ["tokenizer.json", "config.json", "sentence_bert_config.json", "1_Pooling/config.json"];
        var onnx = System.IO.Path.GetRelativePath(Path, OnnxPath).Replace('\\', '/');
        // Weights above 2 GiB lie beside the graph.
        string[] large = [onnx, onnx + "_data", onnx + ".data"];
        return large.Concat(small).Where(file => File.Exists(System.IO.Path.Combine(Path, file)));
    }

    private string? FirstFile(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var path = System.IO.Path.Combine(Path, name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private JsonDocument? ReadJson(string name)
    {
        if (FirstFile(name) is not { } path)
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new ModelException($"'{path}' is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw new ModelException($"'{path}' is not JSON: {e.Message}", e);
        }
    }

    private int? Number(JsonDocument? document, string property)
    {
        if (document is null || !document.RootElement.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is > 0 and <= LongestMaxTokens
            ? number
            : throw new ModelException($"The model folder '{Path}': {property} is {value.GetRawText()}; it must be a whole number above 0.");
    }

    private PoolingMode ReadPooling(JsonDocument? document)
    {
        if (document is null)
        {
            return PoolingMode.Mean;
        }

        var modes = document.RootElement.EnumerateObject()
            .Where(property => property.Name.StartsWith("pooling_mode_", StringComparison.Ordinal) && property.Value.ValueKind == JsonValueKind.True)
            .Select(property => property.Name)
            .ToList();
        return modes switch
        {
            [] or ["pooling_mode_mean_tokens"] => PoolingMode.Mean,
            ["pooling_mode_cls_token"] => PoolingMode.FirstToken,
            _ => throw new ModelException(
                $"The model folder '{Path}' asks for {string.Join(" + ", modes)}; only pooling_mode_mean_tokens and pooling_mode_cls_token are supported."),
        };
    }
}
