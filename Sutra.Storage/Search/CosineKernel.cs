using System.Numerics.Tensors;

namespace Sutra.Storage.Search;

/// <summary>Scores rows of normalised vectors against a normalised query.</summary>
internal static class CosineKernel
{
    public const int Batch = 16;

    /// <param name="rows">At least as many rows as there are scores.</param>
    public static void Score(ReadOnlySpan<float> query, ReadOnlySpan<float> rows, Span<float> scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = TensorPrimitives.Dot(query, rows.Slice(i * query.Length, query.Length));
        }
    }
}
