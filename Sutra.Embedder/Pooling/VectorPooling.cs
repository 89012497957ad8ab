using System.Numerics.Tensors;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Pooling;

/// <summary>From what a model puts out to one vector of unit length, reading the output tensor where it lies.</summary>
internal static class VectorPooling
{
    /// <param name="mode">How.</param>
    /// <param name="hidden">Token vectors of one text, row by row, its padding left out: [tokens × dimensions].</param>
    /// <param name="vector">Receives the result; its length is the number of dimensions.</param>
    public static void Pool(PoolingMode mode, ReadOnlySpan<float> hidden, Span<float> vector)
    {
        switch (mode)
        {
            case PoolingMode.FirstToken:
                hidden[..vector.Length].CopyTo(vector);
                break;
            case PoolingMode.LastToken:
                hidden[^vector.Length..].CopyTo(vector);
                break;
            default:
                Mean(hidden, vector);
                break;
        }
    }

    /// <summary>Mean over a text's real tokens.</summary>
    /// <inheritdoc cref="Pool" path="/param"/>
    public static void Mean(ReadOnlySpan<float> hidden, Span<float> vector)
    {
        var dimensions = vector.Length;
        hidden[..dimensions].CopyTo(vector);
        for (var row = dimensions; row < hidden.Length; row += dimensions)
        {
            TensorPrimitives.Add(vector, hidden.Slice(row, dimensions), vector);
        }

        TensorPrimitives.Divide(vector, hidden.Length / dimensions, vector);
    }

    /// <summary>Scales to unit length (L2). False, and nothing done, when the vector has none to scale: zero, or not finite.</summary>
    public static bool TryNormalise(Span<float> vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        if (!float.IsFinite(norm) || norm == 0)
        {
            return false;
        }

        TensorPrimitives.Divide(vector, norm, vector);
        return true;
    }

    /// <summary>Neither zero nor anything that is not finite.</summary>
    public static bool HasDirection(ReadOnlySpan<float> vector) => TensorPrimitives.SumOfSquares(vector) is > 0 and < float.PositiveInfinity;

    public static bool IsFinite(ReadOnlySpan<float> values) => TensorPrimitives.IsFiniteAll(values);
}
