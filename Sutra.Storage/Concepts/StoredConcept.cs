using Sutra.Storage.Search;

namespace Sutra.Storage.Concepts;

/// <summary>A concept in memory: the bytes of its log record, decoded when asked for.</summary>
public sealed class StoredConcept
{
    private readonly byte[] _payload;

    internal StoredConcept(byte[] payload, string model)
    {
        _payload = payload;
        Model = model;
        Id = ConceptRecord.Id(payload);
    }

    public ConceptId Id { get; }

    public string Model { get; }

    public int Dimension => ConceptRecord.Dimension(_payload);

    /// <summary>The payload of its log record.</summary>
    public ReadOnlyMemory<byte> Payload => _payload;

    // Where its vector is. Only the log's writer thread reads and changes these.
    internal VectorIndex? Index { get; set; }

    internal VectorBlock? Block { get; set; }

    internal int Row { get; set; }

    public Concept Read(bool withEmbedding = true) => ConceptRecord.ReadLearn(_payload, withEmbedding);
}
