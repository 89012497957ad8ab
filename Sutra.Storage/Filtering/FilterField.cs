using Sutra.Contracts.Concepts;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

internal enum FieldKind
{
    Metadata,
    Id,
    Model,
    Owner,
    LearnedAt,
}

/// <summary>What a test looks at.</summary>
/// <param name="Kind">Where it is.</param>
/// <param name="Key">Under which key the filter section has it: a byte that says whose name it is, and the name. Of metadata and owner.</param>
internal sealed record FilterField(FieldKind Kind, byte[] Key)
{
    /// <summary>Of a metadata key among those of its filter.</summary>
    public int Place { get; init; }

    /// <summary>Before a metadata key.</summary>
    public const byte MetadataKey = 0;

    /// <summary>Before a name of the system's.</summary>
    public const byte SystemKey = 1;

    public static byte[] OwnerKey { get; } = [SystemKey, .. "owner"u8];

    /// <summary>The metadata key.</summary>
    public ReadOnlySpan<byte> Name => Key.AsSpan(1);

    /// <exception cref="InvalidConceptException">It is no field.</exception>
    public static FilterField Parse(string name, string path) => name switch
    {
        "$id" => new(FieldKind.Id, []),
        "$model" => new(FieldKind.Model, []),
        "$owner" => new(FieldKind.Owner, OwnerKey),
        "$learned_at" => new(FieldKind.LearnedAt, []),
        ['$', '$', ..] => OfMetadata(name[1..], path),
        ['$', ..] => throw new InvalidConceptException(path, "must be a metadata key, $id, $model, $owner or $learned_at; a metadata key that begins with $ is written with $$"),
        _ => OfMetadata(name, path),
    };

    private static FilterField OfMetadata(string key, string path) =>
        ConceptLimits.Bytes(key) is > 0 and <= ConceptLimits.MetadataKey
            ? new(FieldKind.Metadata, [MetadataKey, .. ConceptRecord.Utf8(key)])
            : throw new InvalidConceptException(path, $"must be 1 to {ConceptLimits.MetadataKey} bytes of valid Unicode text");
}
