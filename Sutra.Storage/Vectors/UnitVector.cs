using System.Numerics.Tensors;

namespace Sutra.Storage.Vectors;

/// <summary>What a vector index takes: vectors of length one, between which cosine similarity is the dot product.</summary>
internal static class UnitVector
{
    /// <summary>Writes <paramref name="vector"/> at length one into <paramref name="target"/>, zeros behind it.</summary>
    /// <param name="vector">Any finite vector but zero; its length does not matter.</param>
    /// <param name="dimension">Numbers it must have.</param>
    /// <param name="target">At least as long; a row may be padded.</param>
    /// <exception cref="InvalidVectorException">A wrong number of dimensions, NaN or infinity, or all zeros: no direction to compare.</exception>
    public static void Write(ReadOnlySpan<float> vector, int dimension, Span<float> target)
    {
        if (vector.Length != dimension)
        {
            throw new InvalidVectorException(VectorFault.WrongDimension, $"The vector has {vector.Length} dimensions, the index {dimension}.");
        }

        if (!TensorPrimitives.IsFiniteAll(vector))
        {
            throw new InvalidVectorException(VectorFault.NotFinite, "The vector holds NaN or infinity.");
        }

        if (!vector.ContainsAnyExcept(0f))
        {
            throw new InvalidVectorException(VectorFault.Zero, "The vector is zero in every dimension.");
        }

        target[dimension..].Clear();
        vector.CopyTo(target);
        Normalise(target[..dimension]);
    }

    /// <summary>Divides a vector that is finite and not zero by its length.</summary>
    // In double: the squares of finite floats overflow and vanish in single precision.
    public static void Normalise(Span<float> vector)
    {
        // Four sums, or each addition waits for the one before.
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        var at = 0;
        for (; at + 4 <= vector.Length; at += 4)
        {
            s0 += (double)vector[at] * vector[at];
            s1 += (double)vector[at + 1] * vector[at + 1];
            s2 += (double)vector[at + 2] * vector[at + 2];
            s3 += (double)vector[at + 3] * vector[at + 3];
        }

        for (; at < vector.Length; at++)
        {
            s0 += (double)vector[at] * vector[at];
        }

        var squares = s0 + s1 + (s2 + s3);
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
