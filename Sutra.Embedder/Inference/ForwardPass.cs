using Microsoft.ML.OnnxRuntime;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pooling;

namespace Sutra.Embedder.Inference;

/// <summary>
/// Runs batches on one thread, in buffers that live as long as the thread: nothing is allocated per token, and neither the
/// inputs nor the model's output are copied.
/// </summary>
internal sealed class ForwardPass(ModelSession session)
{
    private long[] _ids = [];
    private long[] _mask = [];
    private long[] _types = [];
    private float[] _output = [];

    /// <summary>Embeds texts of one batch; <paramref name="vectors"/> receives one vector each, null where the model gave a zero vector.</summary>
    public void Run(IReadOnlyList<PendingText> batch, Span<float[]?> vectors)
    {
        var longest = 0;
        foreach (var text in batch)
        {
            longest = Math.Max(longest, text.Length);
        }

        var dimensions = session.Dimensions;
        long[] inputShape = [batch.Count, longest];
        long[] outputShape = session.GivesTokens ? [batch.Count, longest, dimensions] : [batch.Count, dimensions];
        Fill(batch, longest);
        var size = batch.Count * dimensions * (session.GivesTokens ? longest : 1);
        if (_output.Length < size)
        {
            _output = GC.AllocateUninitializedArray<float>(size);
        }

        using (var ids = Tensor(_ids, inputShape))
        using (var mask = Tensor(_mask, inputShape))
        using (var types = Tensor(_types, inputShape))
        using (var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _output.AsMemory(0, size), outputShape))
        {
            session.Run(ids, mask, types, output);
        }

        for (var i = 0; i < batch.Count; i++)
        {
            vectors[i] = Pool(i, batch[i].Length, longest);
        }
    }

    /// <summary>Runs token ids 0 and 1 once, to learn what the graph does not say; see <see cref="ModelSession.LearnDimensions"/>.</summary>
    public void LearnDimensions()
    {
        using var ids = Tensor([0, 0], [1, 2]);
        using var mask = Tensor([1, 1], [1, 2]);
        using var types = Tensor([0, 0], [1, 2]);
        session.LearnDimensions(ids, mask, types);
    }

    private static OrtValue Tensor(long[] values, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(0, checked((int)(shape[0] * shape[1]))), shape);

    private void Fill(IReadOnlyList<PendingText> batch, int longest)
    {
        var tokens = batch.Count * longest;
        if (_ids.Length < tokens)
        {
            _ids = new long[tokens];
            _mask = new long[tokens];
            _types = new long[tokens]; // One text has one type: always 0.
        }

        for (var i = 0; i < batch.Count; i++)
        {
            var text = batch[i].Tokens;
            var ids = _ids.AsSpan(i * longest, longest);
            var mask = _mask.AsSpan(i * longest, longest);
            for (var t = 0; t < text.Length; t++)
            {
                ids[t] = text[t];
            }

            ids[text.Length..].Clear();
            mask[..text.Length].Fill(1);
            mask[text.Length..].Clear();
        }
    }

    private float[]? Pool(int index, int tokens, int longest)
    {
        var dimensions = session.Dimensions;
        var vector = new float[dimensions];
        if (!session.GivesTokens)
        {
            _output.AsSpan(index * dimensions, dimensions).CopyTo(vector);
        }
        else
        {
            var hidden = _output.AsSpan(index * longest * dimensions, tokens * dimensions);
            if (session.Pooling == PoolingMode.FirstToken)
            {
                hidden[..dimensions].CopyTo(vector);
            }
            else
            {
                VectorPooling.Mean(hidden, vector);
            }
        }

        return VectorPooling.TryNormalise(vector) ? vector : null;
    }
}
