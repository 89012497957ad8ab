using System.Buffers.Binary;
using System.Text;
using Sutra.Storage.Associations.Extraction;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Associations;

/// <summary>Reads an <see cref="AssociationRecord"/>, whatever its bytes are.</summary>
internal ref struct AssociationReader
{
    private ReadOnlySpan<byte> _entities;
    private ReadOnlySpan<byte> _links;
    private int _entitiesLeft;
    private int _linksLeft;

    /// <exception cref="InvalidDataException">It is damaged; so say the other members.</exception>
    public AssociationReader(ReadOnlySpan<byte> record)
    {
        if (record.Length < 2)
        {
            throw Damaged();
        }

        (_entitiesLeft, _linksLeft) = (record[0], record[1]);
        var rest = record[2..];
        for (var i = 0; i < _entitiesLeft; i++)
        {
            if (rest.IsEmpty || rest[0] is < 2 or > EntityCollector.MaxTermBytes || rest[0] >= rest.Length)
            {
                throw Damaged();
            }

            rest = rest[(rest[0] + 1)..];
        }

        _entities = EntityBytes = record[2..^rest.Length];
        _links = rest;
    }

    /// <summary>All entities, each after a byte for its length.</summary>
    public ReadOnlySpan<byte> EntityBytes { get; }

    public bool TryReadEntity(out ReadOnlySpan<byte> term)
    {
        term = default;
        if (_entitiesLeft == 0)
        {
            return false;
        }

        _entitiesLeft--;
        term = _entities.Slice(1, _entities[0]);
        _entities = _entities[(_entities[0] + 1)..];
        return true;
    }

    public bool TryReadLink(out Link link)
    {
        link = default;
        if (_linksLeft == 0)
        {
            return _links.IsEmpty ? false : throw Damaged();
        }

        if (_links.Length < AssociationRecord.LinkHead || _links.Length < AssociationRecord.LinkHead + _links[AssociationRecord.LinkHead - 1])
        {
            throw Damaged();
        }

        _linksLeft--;
        var length = _links[AssociationRecord.LinkHead - 1];
        var weight = BinaryPrimitives.ReadSingleLittleEndian(_links[sizeof(ulong)..]);
        link = new Link(new ConceptId(BinaryPrimitives.ReadUInt64LittleEndian(_links)), weight, _links.Slice(AssociationRecord.LinkHead, length));
        _links = _links[(AssociationRecord.LinkHead + length)..];
        return weight is >= 0 and <= 1 ? true : throw Damaged();
    }

    public static InvalidDataException Damaged() => new("The associations of a concept are damaged.");
}

/// <param name="type">UTF-8.</param>
internal readonly ref struct Link(ConceptId target, float weight, ReadOnlySpan<byte> type)
{
    private readonly ReadOnlySpan<byte> _type = type;

    public ConceptId Target { get; } = target;

    public float Weight { get; } = weight;

    public string Type => Encoding.UTF8.GetString(_type);
}
