using Sutra.Storage.Concepts;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Search;

/// <summary>Vectors of length one: between them cosine similarity is the dot product.</summary>
internal static class ConceptVector
{
    public static void Normalise(ReadOnlySpan<byte> payload, Span<float> target)
    {
        ConceptRecord.CopyEmbedding(payload, target);
        UnitVector.Normalise(target);
    }
}
