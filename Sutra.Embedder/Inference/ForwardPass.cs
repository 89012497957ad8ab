using Microsoft.ML.OnnxRuntime;
using Sutra.Embedder.Models;
using Sutra.Embedder.Pooling;

namespace Sutra.Embedder.Inference;

/// <summary>
/// Runs batches on one thread, in buffers that live as long as the thread and serve every model: nothing is allocated per
/// token, and neither the inputs nor the model's output are copied.
/// </summary>
internal sealed class ForwardPass
{
    private long[] _ids = [];
    private long[] _mask = [];
    private long[] _types = [];
    private float[] _output = [];

    /// <summary>Embeds texts of one batch; <paramref name="outputs"/> receives one each, null where the model gave a zero vector or none that is finite.</summary>
    public void Run(ModelSession session, IReadOnlyList<PendingText> batch, Span<float[]?> outputs)
    {
        var longest = 0;
        foreach (var text in batch)
        {
            longest = Math.Max(longest, text.Length);
        }

        Fill(batch, longest);
        var output = batch[0].Request.Output == OutputKind.TokenVectors ? session.TokenOutput! : session.VectorOutput;
        var size = batch.Count * output.Dimensions * (output.GivesTokens ? longest : 1);
        if (_output.Length < size)
        {
            _output = GC.AllocateUninitializedArray<float>(size);
        }

        Run(session, output, batch.Count, longest, size);
        for (var i = 0; i < batch.Count; i++)
        {
            outputs[i] = Read(session, output, batch[i], i, longest);
        }
    }

    /// <summary>Runs token ids 0 and 1 once, to learn what the graph does not say; see <see cref="ModelSession.LearnDimensions"/>.</summary>
    public static void LearnDimensions(ModelSession session)
    {
        using var ids = Tensor([0, 0], [1, 2]);
        using var mask = Tensor([1, 1], [1, 2]);
        using var types = Tensor([0, 0], [1, 2]);
        session.LearnDimensions(ids, mask, types);
    }

    private static OrtValue Tensor(long[] values, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(0, checked((int)(shape[0] * shape[1]))), shape);

    private void Run(ModelSession session, ModelOutput output, int texts, int longest, int size)
    {
        long[] inputShape = [texts, longest];
        long[] outputShape = output.GivesTokens ? [texts, longest, output.Dimensions] : [texts, output.Dimensions];
        using var ids = Tensor(_ids, inputShape);
        using var mask = Tensor(_mask, inputShape);
        using var types = Tensor(_types, inputShape);
        using var values = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _output.AsMemory(0, size), outputShape);
        session.Run(ids, mask, types, output, values);
    }

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

    private float[]? Read(ModelSession session, ModelOutput output, PendingText text, int index, int longest)
    {
        var dimensions = output.Dimensions;
        var row = _output.AsSpan(index * dimensions * (output.GivesTokens ? longest : 1), dimensions * (output.GivesTokens ? text.Length : 1));
        if (text.Request.Output == OutputKind.TokenVectors)
        {
            return VectorPooling.IsFinite(row) ? row.ToArray() : null;
        }

        var vector = GC.AllocateUninitializedArray<float>(dimensions);
        if (output.GivesTokens)
        {
            VectorPooling.Pool(session.Pooling, row, vector);
        }
        else
        {
            row.CopyTo(vector);
        }

        var isUsable = text.Request.Output == OutputKind.RawVector ? VectorPooling.HasDirection(vector) : VectorPooling.TryNormalise(vector);
        return isUsable ? vector : null;
    }
}
