using Sutra.Storage.Search;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Concepts;

/// <summary>A concept as the bytes of its log record, decoded when asked for.</summary>
public sealed class StoredConcept
{
    private readonly byte[] _payload;
    private ulong _died = DeadRows.Never;

    internal StoredConcept(byte[] payload, string model, UInt128 check = default, bool salted = false, ulong born = 0)
    {
        _payload = payload;
        Model = model;
        Id = ConceptRecord.Id(payload);
        Check = check;
        Salted = salted;
        Born = born;
    }

    public ConceptId Id { get; }

    public string Model { get; }

    public int Dimension => ConceptRecord.Dimension(_payload);

    /// <summary>The payload of its log record.</summary>
    public ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>128 further bits of the hash of its content.</summary>
    internal UInt128 Check { get; }

    /// <summary>Its content did not get its unsalted id.</summary>
    internal bool Salted { get; }

    /// <summary>The sequence number of the record that made it.</summary>
    internal ulong Born { get; }

    /// <summary>The sequence number of the record that removed or replaced it.</summary>
    internal ulong Died
    {
        get => Volatile.Read(ref _died);
        set => Volatile.Write(ref _died, value);
    }

    /// <summary>What it has in common with others, of a concept in memory: an <see cref="Sutra.Storage.Associations.AssociationRecord"/>.</summary>
    internal byte[] Associations { get; init; } = [0, 0];

    /// <summary>Of a concept in memory: what had its id before, in the same table.</summary>
    internal StoredConcept? Previous { get; set; }

    // Where its vector is. Only the log's writer thread changes these, and nobody once its table is frozen.
    internal VectorIndex? Index { get; set; }

    internal VectorBlock? Block { get; set; }

    internal int Row { get; set; }

    /// <summary>Its row in the lexical index of its table, and in that of its associations.</summary>
    internal int TextRow { get; set; }

    public Concept Read(bool withEmbedding = true) => ConceptRecord.ReadLearn(_payload, withEmbedding);

    /// <summary>A copy of what a segment holds; null when it was erased, be it a moment ago.</summary>
    internal static StoredConcept? Of(Segment segment, uint row) =>
        segment.Payload(row) is { IsEmpty: false } payload ? new(payload.ToArray(), segment.PartOf(row).Model) : null;
}
