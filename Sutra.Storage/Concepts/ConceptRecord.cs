using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sutra.Contracts.Concepts;

namespace Sutra.Storage.Concepts;

/// <summary>
/// The payloads of <c>Learn</c> and <c>Delete</c> records; docs/storage.md has the tables. Little-endian. The same concept always
/// gives the same bytes: metadata is sorted by key.
/// </summary>
internal static partial class ConceptRecord
{
    private const int LearnedAtOffset = 8;
    private const int ContentLengthOffset = 16;
    private const int DimensionOffset = 20;
    private const int ModelLengthOffset = 24;
    private const int MetadataCountOffset = 26;
    private const int AssociationCountOffset = 28;
    private const int VersionOffset = 30;
    private const int OwnerLengthOffset = 32;
    private const int HeadSize = 36;
    private const int DeleteSize = 16;
    private const ushort Version = 2;

    /// <summary>The payload of a concept whose id is not known yet: it is zero until <see cref="SetId"/>.</summary>
    public static byte[] WriteLearn(NewConcept concept, DateTimeOffset learnedAt)
    {
        var utf8 = ConceptLimits.StrictUtf8;
        var metadata = concept.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        var size = HeadSize + concept.Embedding.Length * sizeof(float) + utf8.GetByteCount(concept.Content) + utf8.GetByteCount(concept.Model) + utf8.GetByteCount(concept.Owner)
            + metadata.Sum(pair => sizeof(ushort) + sizeof(uint) + utf8.GetByteCount(pair.Key) + utf8.GetByteCount(pair.Value))
            + concept.Associations.Sum(association => sizeof(ulong) + sizeof(float) + sizeof(ushort) + utf8.GetByteCount(association.Type));
        var payload = new byte[size];
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(LearnedAtOffset), learnedAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(DimensionOffset), concept.Embedding.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(MetadataCountOffset), (ushort)metadata.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(AssociationCountOffset), (ushort)concept.Associations.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(VersionOffset), Version);

        var rest = payload.AsSpan(HeadSize);
        foreach (var value in concept.Embedding.Span)
        {
            BinaryPrimitives.WriteSingleLittleEndian(rest, value);
            rest = rest[sizeof(float)..];
        }

        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(ContentLengthOffset), Put(ref rest, concept.Content));
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(ModelLengthOffset), (ushort)Put(ref rest, concept.Model));
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(OwnerLengthOffset), (ushort)Put(ref rest, concept.Owner));
        foreach (var (key, value) in metadata)
        {
            var lengths = rest;
            rest = rest[(sizeof(ushort) + sizeof(uint))..];
            BinaryPrimitives.WriteUInt16LittleEndian(lengths, (ushort)Put(ref rest, key));
            BinaryPrimitives.WriteInt32LittleEndian(lengths[sizeof(ushort)..], Put(ref rest, value));
        }

        foreach (var association in concept.Associations)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rest, association.Target.Value);
            BinaryPrimitives.WriteSingleLittleEndian(rest[sizeof(ulong)..], association.Weight);
            var length = rest[(sizeof(ulong) + sizeof(float))..];
            rest = length[sizeof(ushort)..];
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)Put(ref rest, association.Type));
        }

        return payload;
    }

    public static void SetId(Span<byte> payload, ConceptId id) => BinaryPrimitives.WriteUInt64LittleEndian(payload, id.Value);

    public static ConceptId Id(ReadOnlySpan<byte> payload) => new(BinaryPrimitives.ReadUInt64LittleEndian(payload));

    public static int Dimension(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt32LittleEndian(payload[DimensionOffset..]);

    public static ReadOnlySpan<byte> EmbeddingBytes(ReadOnlySpan<byte> payload) => payload.Slice(HeadSize, Dimension(payload) * sizeof(float));

    public static ReadOnlySpan<byte> ContentBytes(ReadOnlySpan<byte> payload) =>
        payload.Slice(HeadSize + Dimension(payload) * sizeof(float), BinaryPrimitives.ReadInt32LittleEndian(payload[ContentLengthOffset..]));

    public static string Model(ReadOnlySpan<byte> payload) =>
        ConceptLimits.StrictUtf8.GetString(payload.Slice(ModelStart(payload), BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..])));

    /// <summary>The data subject; empty for nobody in particular.</summary>
    public static string Owner(ReadOnlySpan<byte> payload) => ConceptLimits.StrictUtf8.GetString(payload.Slice(
        ModelStart(payload) + BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..]),
        BinaryPrimitives.ReadUInt16LittleEndian(payload[OwnerLengthOffset..])));

    public static DateTimeOffset LearnedAt(ReadOnlySpan<byte> payload) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(payload[LearnedAtOffset..]));

    /// <summary>Where metadata begins, and after it associations.</summary>
    public static ReadOnlySpan<byte> AfterNames(ReadOnlySpan<byte> payload, out int pairs, out int associations)
    {
        pairs = BinaryPrimitives.ReadUInt16LittleEndian(payload[MetadataCountOffset..]);
        associations = BinaryPrimitives.ReadUInt16LittleEndian(payload[AssociationCountOffset..]);
        var names = BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..]) + BinaryPrimitives.ReadUInt16LittleEndian(payload[OwnerLengthOffset..]);
        return payload[(ModelStart(payload) + names)..];
    }

    public static byte[] Utf8(string text) => ConceptLimits.StrictUtf8.GetBytes(text);

    public static void CopyEmbedding(ReadOnlySpan<byte> payload, Span<float> target)
    {
        var bytes = EmbeddingBytes(payload);
        if (BitConverter.IsLittleEndian)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(target));
            return;
        }

        for (var i = 0; i < target.Length; i++)
        {
            target[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }
    }

    /// <summary>Checks what the accessors above rely on.</summary>
    /// <exception cref="InvalidDataException">Not a payload that <see cref="WriteLearn"/> wrote.</exception>
    public static void CheckHead(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeadSize)
        {
            throw new InvalidDataException("the concept is too short");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(payload[VersionOffset..]);
        if (version != Version)
        {
            throw new InvalidDataException($"concept format {version}; this program reads format {Version}");
        }

        var dimension = Dimension(payload);
        var content = BinaryPrimitives.ReadInt32LittleEndian(payload[ContentLengthOffset..]);
        var model = BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..]);
        var owner = BinaryPrimitives.ReadUInt16LittleEndian(payload[OwnerLengthOffset..]);
        if (dimension <= 0 || content < 0 || HeadSize + (long)dimension * sizeof(float) + content + model + owner > payload.Length)
        {
            throw new InvalidDataException("the concept's lengths do not fit");
        }
    }

    /// <exception cref="InvalidDataException">Not a payload that <see cref="WriteLearn"/> wrote.</exception>
    public static Concept ReadLearn(ReadOnlySpan<byte> payload, bool withEmbedding = true)
    {
        CheckHead(payload);
        try
        {
            var embedding = withEmbedding ? new float[Dimension(payload)] : [];
            if (withEmbedding)
            {
                CopyEmbedding(payload, embedding);
            }

            var rest = payload[(HeadSize + Dimension(payload) * sizeof(float))..];
            var content = Take(ref rest, BinaryPrimitives.ReadInt32LittleEndian(payload[ContentLengthOffset..]));
            var model = Take(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..]));
            var owner = Take(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(payload[OwnerLengthOffset..]));
            var metadata = ReadMetadata(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(payload[MetadataCountOffset..]));
            var associations = ReadAssociations(ref rest, BinaryPrimitives.ReadUInt16LittleEndian(payload[AssociationCountOffset..]));
            if (!rest.IsEmpty)
            {
                throw new InvalidDataException("bytes after the concept");
            }

            return new Concept(Id(payload), content, metadata, embedding, associations, model, LearnedAt(payload)) { Owner = owner };
        }
        catch (ArgumentException e)
        {
            // A length that points outside the payload, bytes that are no UTF-8, a time outside the calendar.
            throw new InvalidDataException("the concept is not readable", e);
        }
    }

    public static byte[] WriteDelete(ConceptId id, DateTimeOffset deletedAt)
    {
        var payload = new byte[DeleteSize];
        SetId(payload, id);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(LearnedAtOffset), deletedAt.ToUnixTimeMilliseconds());
        return payload;
    }

    /// <summary>The payload of a learn record whose concept is sealed: the id, then the sealed record.</summary>
    public static byte[] WriteSealed(ConceptId id, ReadOnlySpan<byte> record)
    {
        var payload = new byte[sizeof(ulong) + record.Length];
        SetId(payload, id);
        record.CopyTo(payload.AsSpan(sizeof(ulong)));
        return payload;
    }

    /// <summary>The sealed record in such a payload.</summary>
    public static ReadOnlySpan<byte> ReadSealed(ReadOnlySpan<byte> payload) =>
        payload.Length > sizeof(ulong) ? payload[sizeof(ulong)..] : throw new InvalidDataException("the sealed concept is too short");

    public static ConceptId ReadDelete(ReadOnlySpan<byte> payload) =>
        payload.Length == DeleteSize ? Id(payload) : throw new InvalidDataException("the delete is not readable");

    private static Dictionary<string, string> ReadMetadata(ref ReadOnlySpan<byte> rest, int count)
    {
        var metadata = new Dictionary<string, string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            var valueLength = BinaryPrimitives.ReadInt32LittleEndian(rest[sizeof(ushort)..]);
            rest = rest[(sizeof(ushort) + sizeof(uint))..];
            var key = Take(ref rest, keyLength);
            metadata[key] = Take(ref rest, valueLength);
        }

        return metadata;
    }

    private static Association[] ReadAssociations(ref ReadOnlySpan<byte> rest, int count)
    {
        var associations = new Association[count];
        for (var i = 0; i < count; i++)
        {
            var target = new ConceptId(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            var weight = BinaryPrimitives.ReadSingleLittleEndian(rest[sizeof(ulong)..]);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(rest[(sizeof(ulong) + sizeof(float))..]);
            rest = rest[(sizeof(ulong) + sizeof(float) + sizeof(ushort))..];
            associations[i] = new Association(target, Take(ref rest, length), weight);
        }

        return associations;
    }

    private static int ModelStart(ReadOnlySpan<byte> payload) =>
        HeadSize + Dimension(payload) * sizeof(float) + BinaryPrimitives.ReadInt32LittleEndian(payload[ContentLengthOffset..]);

    private static int Put(ref Span<byte> rest, string text)
    {
        var length = ConceptLimits.StrictUtf8.GetBytes(text, rest);
        rest = rest[length..];
        return length;
    }

    private static string Take(ref ReadOnlySpan<byte> rest, int length)
    {
        var text = ConceptLimits.StrictUtf8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }
}
