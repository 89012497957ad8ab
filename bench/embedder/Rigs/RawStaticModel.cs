using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization;

namespace Sutra.Bench.Embedder.Rigs;

/// <summary>ONNX Runtime on token ids that lie ready in batches of like length: as fast as the model can be run.</summary>
internal sealed class RawStaticModel : IDisposable
{
    private const int BatchTokens = 2048;
    private const int MaxTokens = 2048;

    private readonly InferenceSession _session;
    private readonly List<(long[] Ids, long[] Mask, int Texts)> _batches = [];

    public RawStaticModel(string folder, string[] sentences)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        _session = new InferenceSession(Path.Combine(folder, "model.onnx"), options);
        var tokenizer = TextTokenizer.Load(ModelFolder.Open(folder).TokenizerPath);
        using var tokens = new TokenBuffer();
        var texts = sentences.Select(s => tokens[tokenizer.Encode(s, MaxTokens, tokens)].ToArray()).OrderBy(ids => ids.Length).ToArray();
        for (var start = 0; start < texts.Length;)
        {
            var length = texts[start].Length;
            var count = texts.Skip(start).TakeWhile(t => t.Length == length).Take(BatchTokens / length).Count();
            _batches.Add(([.. texts.Skip(start).Take(count).SelectMany(t => t).Select(id => (long)id)], [.. Enumerable.Repeat(1L, count * length)], count));
            start += count;
        }
    }

    /// <returns>Texts embedded.</returns>
    public int RunAll()
    {
        foreach (var (ids, mask, texts) in _batches)
        {
            Run(ids, mask, texts);
        }

        return _batches.Sum(b => b.Texts);
    }

    /// <summary>Median time of one text of so many tokens.</summary>
    public double MillisecondsFor(int tokens)
    {
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, tokens).Select(_ => (long)random.Next(2000, 6000))];
        long[] mask = [.. Enumerable.Repeat(1L, tokens)];
        Run(ids, mask, 1);
        return Enumerable.Range(0, 21).Select(_ =>
        {
            var started = Stopwatch.GetTimestamp();
            Run(ids, mask, 1);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }).Order().ElementAt(10);
    }

    private void Run(long[] ids, long[] mask, int texts)
    {
        long[] shape = [texts, ids.Length / texts];
        using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, ["input_ids", "attention_mask"], [idsValue, maskValue], ["sentence_embedding"]);
    }

    public void Dispose() => _session.Dispose();
}
