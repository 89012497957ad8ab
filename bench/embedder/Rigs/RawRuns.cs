using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Sutra.Embedder.Models;
using Sutra.Embedder.Tokenization;

namespace Sutra.Bench.Embedder.Rigs;

/// <summary>
/// The floor: ONNX Runtime on token ids that lie ready, one thread per core and nothing else. Float32 models run in the best
/// packing (sorted over all texts, at most 256 tokens, at most 10 % padding), dynamically quantised ones one text a run, so
/// that vectors stay the same.
/// </summary>
internal sealed class RawRuns : IDisposable
{
    private const int TokenBudget = 256;
    private const double MaxPadding = 0.1;

    private readonly InferenceSession _session;
    private readonly List<Batch> _batches = [];
    private readonly int _texts;
    private readonly RunOptions _runOptions = new();
    private float[] _output = [];

    public RawRuns(string folder, IReadOnlyList<string> texts)
    {
        var model = ModelFolder.Open(folder);
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(model.OnnxPath, options);
        IsOneByOne = OnnxOperators.IsDynamicallyQuantised(model.OnnxPath);
        _texts = texts.Count;
        var tokenizer = TextTokenizer.Load(model.TokenizerPath);
        using var tokens = new TokenBuffer();
        var ids = texts.Select(text => tokens[tokenizer.Encode(text, model.MaxTokens, tokens)].ToArray()).OrderByDescending(text => text.Length).ToList();
        Tokens = ids.Sum(text => text.Length);
        for (var start = 0; start < ids.Count;)
        {
            int count = 1, real = ids[start].Length, longest = ids[start].Length;
            while (!IsOneByOne && start + count < ids.Count && Fits(count + 1, longest, real + ids[start + count].Length))
            {
                real += ids[start + count++].Length;
            }

            _batches.Add(Batch.Of(ids.GetRange(start, count), longest));
            start += count;
        }

        Dimensions = (int)_session.OutputMetadata.First().Value.Dimensions[^1];
    }

    public bool IsOneByOne { get; }

    public int Tokens { get; }

    public int Dimensions { get; }

    /// <returns>Texts a second, over all cores.</returns>
    public double Round()
    {
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            using var run = new RunOptions();
            var output = Array.Empty<float>();
            for (int i; (i = Interlocked.Increment(ref next)) < _batches.Count;)
            {
                output = Run(_batches[i], run, output);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return _texts / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>One run of the first batch, in this thread.</summary>
    public void RunFirst() => _output = Run(_batches[0], _runOptions, _output);

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static bool Fits(int texts, int longest, int real) => texts * longest <= TokenBudget && (texts * longest) - real <= real * MaxPadding;

    private float[] Run(Batch batch, RunOptions options, float[] output)
    {
        long[] shape = [batch.Texts, batch.Longest];
        var rank = _session.OutputMetadata.First().Value.Dimensions.Length;
        long[] outputShape = rank == 3 ? [batch.Texts, batch.Longest, Dimensions] : [batch.Texts, Dimensions];
        var size = checked((int)outputShape.Aggregate((a, b) => a * b));
        if (output.Length < size)
        {
            output = new float[size];
        }

        using var ids = Tensor(batch.Ids, shape);
        using var mask = Tensor(batch.Mask, shape);
        using var types = Tensor(batch.Types, shape);
        using var values = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, output.AsMemory(0, size), outputShape);
        var inputs = _session.InputNames.Select(name => name switch { "input_ids" => ids, "attention_mask" => mask, _ => types }).ToArray();
        _session.Run(options, _session.InputNames, inputs, [_session.OutputNames[0]], [values]);
        return output;
    }

    private static OrtValue Tensor(long[] values, long[] shape) => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(), shape);

    private sealed record Batch(long[] Ids, long[] Mask, long[] Types, int Texts, int Longest)
    {
        public static Batch Of(List<int[]> texts, int longest)
        {
            var batch = new Batch(new long[texts.Count * longest], new long[texts.Count * longest], new long[texts.Count * longest], texts.Count, longest);
            for (var i = 0; i < texts.Count; i++)
            {
                for (var t = 0; t < texts[i].Length; t++)
                {
                    batch.Ids[(i * longest) + t] = texts[i][t];
                    batch.Mask[(i * longest) + t] = 1;
                }
            }

            return batch;
        }
    }
}
