using System.Numerics.Tensors;

namespace Sutra.Embedder.Pooling;

/// <summary>From what a model puts out to one vector of unit length, reading the output tensor where it lies.</summary>
internal static class VectorPooling
{
    /// <summary>Mean over a text's real tokens.</summary>
    /// <param name="hidden">Token vectors of one text, row by row, its padding left out: [tokens × dimensions].</param>
    /// <param name="mean">Receives the mean; its length is the number of dimensions.</param>
    public static void Mean(ReadOnlySpan<float> hidden, Span<float> mean)
    {
        var dimensions = mean.Length;
        hidden[..dimensions].CopyTo(mean);
        for (var row = dimensions; row < hidden.Length; row += dimensions)
        {
            TensorPrimitives.Add(mean, hidden.Slice(row, dimensions), mean);
        }

        TensorPrimitives.Divide(mean, hidden.Length / dimensions, mean);
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
}
