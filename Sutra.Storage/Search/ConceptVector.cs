using System.Numerics.Tensors;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>Vectors of length one: between them cosine similarity is the dot product.</summary>
internal static class ConceptVector
{
    public static void Normalise(ReadOnlySpan<byte> payload, Span<float> target)
    {
        ConceptRecord.CopyEmbedding(payload, target);
        Normalise(target);
    }

    // In double: the squares of finite floats overflow and vanish in single precision.
    public static void Normalise(Span<float> vector)
    {
        var squares = 0d;
        foreach (var value in vector)
        {
            squares += (double)value * value;
        }

        var scale = 1 / Math.Sqrt(squares);
        if (scale is > 1e-30 and < 1e30)
        {
            TensorPrimitives.Multiply(vector, (float)scale, vector);
            return;
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(vector[i] * scale);
        }
    }
}
