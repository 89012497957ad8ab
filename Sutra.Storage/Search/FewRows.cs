using System.Buffers;
using System.Numerics.Tensors;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Search;

/// <summary>Compares concepts in memory one by one, wherever their rows are.</summary>
internal static class FewRows
{
    /// <summary>Offers those of the model and of the state after record <paramref name="sequence"/> that may be among the best.</summary>
    /// <param name="query">Normalised.</param>
    public static void Search(ReadOnlySpan<StoredConcept> concepts, string model, ulong sequence, ReadOnlySpan<float> query, TopK best)
    {
        var rented = ArrayPool<float>.Shared.Rent(query.Length);
        var vector = rented.AsSpan(0, query.Length);
        foreach (var concept in concepts)
        {
            if (concept.Born > sequence || concept.Died <= sequence || concept.Model != model || concept.Dimension != query.Length)
            {
                continue;
            }

            // Not the row of its block: that may move while it is read.
            ConceptVector.Normalise(concept.Payload.Span, vector);
            var score = TensorPrimitives.Dot(query, vector);
            if (score >= best.Threshold)
            {
                best.Offer(new Found(score, concept));
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }
}
