using System.Buffers.Binary;

namespace Sutra.Storage.Concepts;

// What is looked at without reading the whole concept, as it lies there. The payload's head has been checked.
internal static partial class ConceptRecord
{
    /// <summary>UTF-8 of the model's name.</summary>
    public static ReadOnlySpan<byte> ModelBytes(ReadOnlySpan<byte> payload) =>
        payload.Slice(ModelStart(payload), BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..]));

    /// <summary>UTF-8 of the data subject's id; empty when it has none.</summary>
    public static ReadOnlySpan<byte> OwnerBytes(ReadOnlySpan<byte> payload) => payload.Slice(
        ModelStart(payload) + BinaryPrimitives.ReadUInt16LittleEndian(payload[ModelLengthOffset..]),
        BinaryPrimitives.ReadUInt16LittleEndian(payload[OwnerLengthOffset..]));

    /// <summary>ms since 1970 UTC.</summary>
    public static long LearnedAtMilliseconds(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadInt64LittleEndian(payload[LearnedAtOffset..]);

    public static MetadataReader Metadata(ReadOnlySpan<byte> payload) => new(AfterNames(payload, out var pairs, out _), pairs);
}

/// <summary>Goes through metadata as it lies in a payload, without a copy.</summary>
internal ref struct MetadataReader(ReadOnlySpan<byte> pairs, int count)
{
    private ReadOnlySpan<byte> _rest = pairs;
    private int _left = count;

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <exception cref="InvalidDataException">It goes beyond the payload's end.</exception>
    public bool MoveNext()
    {
        const int Lengths = sizeof(ushort) + sizeof(uint);
        if (_left-- <= 0)
        {
            return false;
        }

        if (_rest.Length < Lengths)
        {
            throw new InvalidDataException("the concept's metadata does not fit");
        }

        var key = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        var value = BinaryPrimitives.ReadUInt32LittleEndian(_rest[sizeof(ushort)..]);
        if (key + (long)value > _rest.Length - Lengths)
        {
            throw new InvalidDataException("the concept's metadata does not fit");
        }

        Key = _rest.Slice(Lengths, key);
        Value = _rest.Slice(Lengths + key, (int)value);
        _rest = _rest[(Lengths + key + (int)value)..];
        return true;
    }
}
