using Sutra.Storage.Concepts;
using Sutra.Storage.Lexical;

namespace Sutra.Storage.Associations;

/// <summary>
/// Rows and what associates them, of a table in memory or of a segment: from row to record, and from entity and link target to rows. Unchanging; for
/// any number of threads.
/// </summary>
internal abstract class AssociationPart
{
    public int Rows => Terms.Rows;

    /// <summary>By which rules of extraction; 0 when by several.</summary>
    public abstract uint Rules { get; }

    /// <summary>Entities and targets of links, to rows.</summary>
    public abstract LexicalPart Terms { get; }

    /// <summary>An <see cref="AssociationRecord"/>.</summary>
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public abstract ReadOnlySpan<byte> Record(int row);
}

/// <param name="Part">The part.</param>
/// <param name="RowMap">For each of its rows the row in the image, or -1 if it is gone. Null: the same.</param>
internal readonly record struct AssociationSource(AssociationPart Part, int[]? RowMap);

/// <summary>Of a table in memory.</summary>
/// <param name="terms">As of one moment.</param>
/// <param name="concepts">By row.</param>
internal sealed class MemoryAssociations(LexicalSnapshot terms, StoredConcept[] concepts) : AssociationPart
{
    public override uint Rules => Extraction.EntityExtractor.Rules;

    public override LexicalPart Terms { get; } = terms;

    public override ReadOnlySpan<byte> Record(int row) => concepts[row].Associations;
}
