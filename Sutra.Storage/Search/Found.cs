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

    /// <summary>The concept, copied out of its segment if it is in one.</summary>
    public StoredConcept Read() => _source as StoredConcept ?? StoredConcept.Of((Segment)_source, _row);

    public bool IsBetterThan(in Found other) => Score > other.Score || (Score == other.Score && Id.Value < other.Id.Value);
}
