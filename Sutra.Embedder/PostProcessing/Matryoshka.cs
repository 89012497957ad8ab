using Sutra.Embedder.Pooling;

namespace Sutra.Embedder.PostProcessing;

/// <summary>Vectors of models that were trained so that their first components are a vector, too (Kusupati et al. 2022, Matryoshka Representation Learning).</summary>
internal static class Matryoshka
{
    /// <summary>The first <paramref name="dimensions"/> components, scaled to unit length again if <paramref name="normalise"/>; the vector itself when that is all of them. Null: they are all zero.</summary>
    public static float[]? Cut(float[] vector, int dimensions, bool normalise)
    {
        if (dimensions == vector.Length)
        {
            return vector;
        }

        var cut = vector.AsSpan(0, dimensions).ToArray();
        return !normalise || VectorPooling.TryNormalise(cut) ? cut : null;
    }
}
