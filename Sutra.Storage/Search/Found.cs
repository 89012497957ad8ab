using System.Numerics.Tensors;
using Sutra.Storage.Concepts;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Search;

/// <summary>A concept that a search came upon: in memory, or a row of a segment.</summary>
internal readonly struct Found
{
    private readonly object _source;
    private readonly uint _row;

    public Found(float score, StoredConcept concept)
    {
        Score = score;
        Id = concept.Id;
        _source = concept;
    }

    public Found(float score, Segment segment, uint row)
    {
        Score = score;
        Id = segment.Id(row);
        _source = segment;
        _row = row;
    }

    public float Score { get; }

    public ConceptId Id { get; }

    /// <summary>Where it is in memory; null when it is in a segment.</summary>
    public StoredConcept? Concept => _source as StoredConcept;

    /// <summary>Where it is otherwise.</summary>
    public Segment? Segment => _source as Segment;

    /// <summary>Its row in <see cref="Segment"/>.</summary>
    public uint Row => _row;

    /// <summary>Cosine similarity to a query, -1 to 1; 0 when its vector is not of the model and dimension.</summary>
    /// <param name="query">Normalised.</param>
    public float Cosine(ReadOnlySpan<float> query, string model)
    {
        if (_source is StoredConcept concept)
        {
            if (concept.Model != model || concept.Dimension != query.Length)
            {
                return 0;
            }

            // Not the row of its block: that may move while it is read.
            var vector = new float[query.Length];
            ConceptVector.Normalise(concept.Payload.Span, vector);
            return Math.Clamp(TensorPrimitives.Dot(query, vector), -1, 1);
        }

        var segment = (Segment)_source;
        var part = segment.PartOf(_row);
        return part.Model == model && part.Dimension == query.Length ? Math.Clamp(TensorPrimitives.Dot(query, segment.Vector(_row)), -1, 1) : 0;
    }

    /// <summary>The concept, copied out of its segment if it is in one; null when it was erased, be it a moment ago.</summary>
    public StoredConcept? Read() => _source as StoredConcept ?? StoredConcept.Of((Segment)_source, _row);

    public bool IsBetterThan(in Found other) => Score > other.Score || (Score == other.Score && Id.Value < other.Id.Value);
}
