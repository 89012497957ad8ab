using System.Text.Json;
using System.Text.Json.Serialization;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization;

namespace Sutra.Models.Eval.Systems;

/// <summary>A model folder through the embedder's own path: its tokenizer, its ONNX session, its pooling.</summary>
internal sealed class ModelSystem : IEmbeddingSystem, IDisposable
{
    private const int TextsAtOnce = 2048;

    private readonly LoadedModel _model;
    private readonly int _threads;

    /// <exception cref="ModelException">What is wrong with the folder.</exception>
    public ModelSystem(string folder, int threads)
    {
        _threads = threads;
        _model = LoadedModel.Load(ModelFolder.Open(Path.GetFullPath(folder)), name: null, new EmbedderOptions());
        TokenizerIdentity = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_model.Folder.TokenizerPath)));
        Name = _model.Name;
        TrainedWithout = ReadTrainedWithout();
        Cuts = [.. _model.LegalDimensions.Order()];
    }

    /// <inheritdoc/>
    public string Name { get; set; }

    public IReadOnlyList<int> Cuts { get; }

    /// <summary>Sources that training left out; null: the folder does not say.</summary>
    public IReadOnlyList<string>? TrainedWithout { get; }

    public TextTokenizer Tokenizer => _model.Tokenizer;

    /// <summary>Equal for models with the same <c>tokenizer.json</c>.</summary>
    public string TokenizerIdentity { get; }

    public VectorTable Embed(IReadOnlyList<string> texts)
    {
        var dimensions = _model.Dimensions;
        var values = new float[texts.Count * dimensions];
        Parallel.For(
            0,
            (texts.Count + TextsAtOnce - 1) / TextsAtOnce,
            new ParallelOptions { MaxDegreeOfParallelism = _threads },
            () => new ForwardPass(),
            (part, _, pass) =>
            {
                var first = part * TextsAtOnce;
                Embed(pass, texts, first, Math.Min(TextsAtOnce, texts.Count - first), values);
                return pass;
            },
            _ => { });
        return new VectorTable(values, Cuts);
    }

    public void Dispose() => _model.Dispose();

    private void Embed(ForwardPass pass, IReadOnlyList<string> texts, int first, int count, float[] values)
    {
        using var tokens = new TokenBuffer();
        var ranges = new TokenRange[count];
        for (var i = 0; i < count; i++)
        {
            ranges[i] = Tokenizer.Encode(texts[first + i], _model.MaxTokens, tokens);
        }

        // Short texts with short ones: no padding to speak of.
        var waiting = new EmbeddingRequest(_model, tokens, ranges).Texts.Where(t => t.Length > 0).OrderBy(t => t.Length).ToList();
        var vectors = new float[]?[count];
        for (var start = 0; start < waiting.Count;)
        {
            var (end, real) = (start, 0);
            while (end < waiting.Count && (end == start || _model.Policy.Allows(end - start + 1, waiting[end].Length, real + waiting[end].Length)))
            {
                real += waiting[end++].Length;
            }

            var batch = waiting[start..end];
            _model.Run(pass, batch, vectors);
            for (var i = 0; i < batch.Count; i++)
            {
                vectors[i]?.CopyTo(values, (long)(first + batch[i].Index) * _model.Dimensions);
            }

            start = end;
        }
    }

    private string[]? ReadTrainedWithout()
    {
        var path = Path.Combine(_model.Folder.Path, "config.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ModelConfig>(File.ReadAllBytes(path))?.TrainedWithout : null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    private sealed record ModelConfig([property: JsonPropertyName("trained_without")] string[]? TrainedWithout);
}
