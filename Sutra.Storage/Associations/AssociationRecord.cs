using System.Buffers.Binary;
using System.Text;
using Sutra.Contracts.Concepts;
using Sutra.Storage.Associations.Extraction;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Associations;

/// <summary>
/// What associates one concept with others: its entities, as terms, and its links. Made once, when it is learned, and copied from then on.
/// A byte each for the number of entities and of links; per entity a byte for its length and its bytes; per link the target (8), the weight as
/// float32 (4), a byte for the length of the type, the type.
/// </summary>
internal static class AssociationRecord
{
    /// <summary>The first byte of the term of a link's target, before the eight of its id.</summary>
    public const byte TargetTag = 1;

    public const int TargetTermBytes = 1 + sizeof(ulong);

    /// <summary>Of a link: its target, its weight, and the length of its type.</summary>
    public const int LinkHead = sizeof(ulong) + sizeof(float) + 1;

    private const int Head = 2;

    // Longer values are texts, not names.
    private const int MaxValue = 120;

    // So that the content has its share of the entities.
    private const int MaxPairs = 24;

    // Terms of a record, those of its targets included.
    private const int MostTermBytes = (EntityCollector.MaxEntities * (1 + EntityCollector.MaxTermBytes)) + (ConceptLimits.Associations * (1 + TargetTermBytes));

    private static readonly byte[] Empty = [0, 0];

    [ThreadStatic]
    private static EntityCollector? s_collector;

    /// <summary>Of the payload of a learn record.</summary>
    public static byte[] Of(ReadOnlySpan<byte> payload)
    {
        var entities = s_collector ??= new EntityCollector();
        entities.Clear();
        var rest = ConceptRecord.AfterNames(payload, out var pairs, out var links);
        for (var i = 0; i < pairs; i++)
        {
            var key = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            var value = BinaryPrimitives.ReadInt32LittleEndian(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + sizeof(uint))..];
            if (i < MaxPairs && key + value <= MaxValue)
            {
                EntityExtractor.ExtractPair(rest[..key], rest.Slice(key, value), entities);
            }

            rest = rest[(key + value)..];
        }

        EntityExtractor.Extract(ConceptRecord.ContentBytes(payload), entities);
        return entities.Count + links == 0 ? Empty : Write(entities, rest, links);
    }

    public static int Entities(ReadOnlySpan<byte> record) => record[0];

    public static int Links(ReadOnlySpan<byte> record) => record[1];

    /// <summary>Adds its terms as a row: its entities, and the targets of its links.</summary>
    public static void AddTerms(ReadOnlySpan<byte> record, int row, Lexical.MutableLexicalIndex index)
    {
        Span<byte> terms = stackalloc byte[MostTermBytes];
        var reader = new AssociationReader(record);
        var length = reader.EntityBytes.Length;
        reader.EntityBytes.CopyTo(terms);
        while (reader.TryReadLink(out var link))
        {
            terms[length] = TargetTermBytes;
            WriteTarget(link.Target, terms[(length + 1)..]);
            length += 1 + TargetTermBytes;
        }

        index.AddTerms(row, terms[..length]);
    }

    /// <summary>The term of a target.</summary>
    public static void WriteTarget(ConceptId target, Span<byte> term)
    {
        term[0] = TargetTag;
        BinaryPrimitives.WriteUInt64BigEndian(term[1..], target.Value);
    }

    /// <summary>An entity as people read it; what its term says.</summary>
    public static string Text(ReadOnlySpan<byte> term) => Encoding.UTF8.GetString(term[1..]);

    // Links lie in a payload almost as they do here, with two bytes for the length of a type of at most 64.
    private static byte[] Write(EntityCollector entities, ReadOnlySpan<byte> links, int count)
    {
        var record = new byte[Head + entities.Terms.Length + links.Length - count];
        record[0] = checked((byte)entities.Count);
        record[1] = checked((byte)count);
        entities.Terms.CopyTo(record.AsSpan(Head));
        var to = record.AsSpan(Head + entities.Terms.Length);
        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(links[(LinkHead - 1)..]);
            links[..(LinkHead - 1)].CopyTo(to);
            to[LinkHead - 1] = checked((byte)length);
            links.Slice(LinkHead + 1, length).CopyTo(to[LinkHead..]);
            links = links[(LinkHead + 1 + length)..];
            to = to[(LinkHead + length)..];
        }

        return record;
    }
}
