using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Sutra.Models.Train.Vocabulary;

namespace Sutra.Tests.Models;

/// <summary>A model folder in use: its tokenizer.json, its graph in ONNX Runtime.</summary>
internal sealed class StaticModel : IDisposable
{
    private readonly WordSplitter _splitter = new();
    private readonly InferenceSession _session;

    public StaticModel(string folder)
    {
        using var tokenizer = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        var vocabulary = tokenizer.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject()
            .OrderBy(p => p.Value.GetInt32()).Select(p => p.Name).ToArray();
        Vocabulary = new PieceVocabulary(vocabulary);
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        _session = new InferenceSession(Path.Combine(folder, "model.onnx"), options);
    }

    public static string BuiltInFolder => Path.Combine(Harness.Repository.Root, "models", "sutra-static");

    public PieceVocabulary Vocabulary { get; }

    public long[] Ids(string text)
    {
        var ids = new List<ushort>();
        _splitter.Split(text);
        for (var i = 0; i < _splitter.Count; i++)
        {
            Vocabulary.Encode(_splitter[i], ids);
        }

        return [.. ids.Select(id => (long)id)];
    }

    public string[] Pieces(string text) => [.. Ids(text).Select(id => Vocabulary.Pieces[(int)id])];

    public float[] Embed(string text) => Embed([text])[0];

    /// <summary>One run over all texts, padded to the longest.</summary>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        var ids = texts.Select(Ids).ToArray();
        var length = Math.Max(1, ids.Max(i => i.Length));
        var inputs = new long[texts.Count * length];
        var mask = new long[texts.Count * length];
        for (var text = 0; text < ids.Length; text++)
        {
            ids[text].CopyTo(inputs, text * length);
            mask.AsSpan(text * length, ids[text].Length).Fill(1);
        }

        return Run(inputs, mask, texts.Count);
    }

    /// <summary>One text as the graph takes it.</summary>
    public float[] Run(long[] ids, long[] mask) => Run(ids, mask, texts: 1)[0];

    private float[][] Run(long[] ids, long[] mask, int texts)
    {
        long[] shape = [texts, ids.Length / texts];
        using var inputValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, ["input_ids", "attention_mask"], [inputValue, maskValue], ["sentence_embedding"]);
        var vectors = outputs.Single().GetTensorDataAsSpan<float>();
        var dimensions = vectors.Length / texts;
        var result = new float[texts][];
        for (var text = 0; text < texts; text++)
        {
            result[text] = vectors.Slice(text * dimensions, dimensions).ToArray();
        }

        return result;
    }

    public void Dispose() => _session.Dispose();
}
