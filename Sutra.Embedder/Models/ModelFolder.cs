using System.Text.Json;

namespace Sutra.Embedder.Models;

/// <summary>
/// A model as it lies on disk, laid out as on the Hugging Face hub: <c>model.onnx</c> or <c>onnx/model*.onnx</c>, <c>tokenizer.json</c>,
/// and, when there, <c>config.json</c>, <c>modules.json</c>, <c>sentence_bert_config.json</c>, <c>1_Pooling/config.json</c>,
/// <c>config_sentence_transformers.json</c>.
/// </summary>
public sealed class ModelFolder
{
    /// <summary>Where no file says how much the model reads.</summary>
    public const int DefaultMaxTokens = 512;

    private const int MostSizes = 64;

    private ModelFolder(string path, ModelPrecision? precision, ModelHints hints)
    {
        Path = path;
        OnnxFiles = OnnxFile.Find(file => File.Exists(System.IO.Path.Combine(path, file)));
        Onnx = Choose(precision);
        OnnxPath = System.IO.Path.Combine(path, Onnx.Path);
        TokenizerPath = System.IO.Path.Combine(path, "tokenizer.json");
        if (!File.Exists(TokenizerPath))
        {
            throw new ModelException($"The model folder '{path}' has no tokenizer.json.");
        }

        ModelFile.CheckSize(TokenizerPath, ModelFile.LargestTokenizer);
        using var config = ModelFile.Read(System.IO.Path.Combine(path, "config.json"));
        using var sentences = ModelFile.Read(System.IO.Path.Combine(path, "sentence_bert_config.json"));
        MaxTokens = Math.Min(Positions(config) ?? int.MaxValue, sentences.Number("max_seq_length") ?? int.MaxValue) switch
        {
            int.MaxValue => DefaultMaxTokens,
            var tokens => tokens,
        };
        VocabularySize = config.Number("vocab_size");
        HiddenSize = config.Number("hidden_size") ?? config.Number("n_embd");
        MatryoshkaDimensions = Sizes(config, hints);

        (var modules, var poolingFolder) = SentenceModules.ReadModules(path);
        Modules = modules;
        PoolingFile = poolingFolder + "/config.json";
        PoolingIsKnown = File.Exists(System.IO.Path.Combine(path, PoolingFile));
        Pooling = SentenceModules.ReadPooling(path, poolingFolder);
        (var prompts, DefaultPrompt) = SentenceModules.ReadPrompts(path);
        Prompts = Merge(hints.Prompts, prompts);
    }

    public string Path { get; }

    /// <summary>One graph per precision that is there, the preferred one first.</summary>
    public IReadOnlyList<OnnxFile> OnnxFiles { get; }

    /// <summary>The graph that is used.</summary>
    public OnnxFile Onnx { get; }

    public string OnnxPath { get; }

    public string TokenizerPath { get; }

    /// <summary>Most tokens, special ones included, that the model reads of a text.</summary>
    public int MaxTokens { get; }

    /// <summary>Rows of the model's token table, when a file says so.</summary>
    public int? VocabularySize { get; }

    /// <summary>Components of a token's vector, when a file says so.</summary>
    public int? HiddenSize { get; }

    /// <summary>Sizes that vectors may be cut to and still mean something, ascending; empty when the model was not trained for it.</summary>
    public IReadOnlyList<int> MatryoshkaDimensions { get; }

    public PoolingMode Pooling { get; }

    /// <summary>False when no file says how to pool: the mean is then a guess that is right for most models and wrong for some (BGE).</summary>
    public bool PoolingIsKnown { get; }

    /// <summary>The steps that modules.json lists; empty without it. Vectors get unit length whether or not Normalize is among them.</summary>
    public IReadOnlyList<string> Modules { get; }

    /// <summary>What goes before a text, by the name that callers give (<c>query</c>, <c>document</c>, …); often empty.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; }

    /// <summary>The prompt that a text gets when its caller names none; null: none.</summary>
    public string? DefaultPrompt { get; }

    private string PoolingFile { get; }

    /// <summary>Opens <paramref name="path"/>; a <see cref="ModelException"/> says what is missing, unreadable or not supported.</summary>
    /// <param name="precision">Which graph to use; default: the first of <see cref="OnnxFiles"/>.</param>
    public static ModelFolder Open(string path, ModelPrecision? precision = null, ModelHints? hints = null)
    {
        var full = System.IO.Path.GetFullPath(path, AppContext.BaseDirectory);
        if (!Directory.Exists(full))
        {
            throw new ModelException($"The model folder '{full}' does not exist (Embedder:ModelPath).");
        }

        try
        {
            return new ModelFolder(full, precision, hints ?? ModelHints.None);
        }
        // InvalidOperationException: a text in a JSON file that is not UTF-8.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new ModelException($"The model folder '{full}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The files that decide which vector a text gets, in a fixed order, relative to <see cref="Path"/>.</summary>
    public IEnumerable<string> IdentityFiles()
    {
        var data = Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(OnnxPath)!)
            .Select(file => System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/'))
            .Where(Onnx.OwnsData)
            .Order(StringComparer.Ordinal);
        string[] small = ["tokenizer.json", "config.json", "sentence_bert_config.json", PoolingFile, SentenceModules.PromptsFile];
        return [Onnx.Path, .. data, .. small.Where(file => File.Exists(System.IO.Path.Combine(Path, file)))];
    }

    private OnnxFile Choose(ModelPrecision? precision)
    {
        if (OnnxFiles is not [var first, ..])
        {
            throw new ModelException($"The model folder '{Path}' has neither model.onnx nor onnx/model.onnx, nor a quantized one of a known name.");
        }

        return precision is null
            ? first
            : OnnxFiles.FirstOrDefault(file => file.Precision == precision)
                ?? throw new ModelException(
                    $"The model folder '{Path}' has no {precision.Value.ToName()} model; there is: {string.Join(", ", OnnxFiles.Select(file => file.Precision.ToName()))}.");
    }

    /// <summary>How many tokens have a position.</summary>
    private static int? Positions(ModelFile config)
    {
        var type = config.Text("model_type");
        var positions = config.Number("max_position_embeddings");
        return type switch
        {
            // Rotary: max_position_embeddings is what it was trained on, n_positions what it reads.
            "nomic_bert" => config.Number("n_positions") ?? positions,
            // Positions count from the padding's id + 1, so the table has rows that no token ever gets: 514 for 512 tokens.
            "roberta" or "xlm-roberta" or "xlm-roberta-xl" or "camembert" or "mpnet" or "longformer" or "data2vec-text" or "xmod"
                when positions is { } rows => Math.Max(1, rows - 1 - PadId(config)),
            _ => positions ?? config.Number("n_positions"),
        };
    }

    private static int PadId(ModelFile config) =>
        config.Property("pad_token_id") is { ValueKind: JsonValueKind.Number } id && id.TryGetInt32(out var number) && number is >= 0 and <= 1024 ? number : 1;

    private IReadOnlyList<int> Sizes(ModelFile config, ModelHints hints)
    {
        var sizes = config.Numbers("matryoshka_dimensions", MostSizes);
        if (sizes.Count > 0 && HiddenSize is { } hidden && sizes[^1] > hidden)
        {
            throw config.Wrong($"lists {sizes[^1]} among matryoshka_dimensions, but hidden_size is {hidden}.");
        }

        return sizes.Count > 0 ? sizes : [.. hints.MatryoshkaDimensions.Order()];
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> hints, IReadOnlyDictionary<string, string> own)
    {
        var all = new Dictionary<string, string>(hints, StringComparer.Ordinal);
        foreach (var (name, prompt) in own)
        {
            all[name] = prompt;
        }

        return all;
    }
}
