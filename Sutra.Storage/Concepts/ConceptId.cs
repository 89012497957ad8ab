using System.Buffers.Binary;
using System.Globalization;

namespace Sutra.Storage.Concepts;

/// <summary>64 bits, written as 16 lower-case hex digits.</summary>
public readonly record struct ConceptId(ulong Value)
{
    public const int TextLength = 16;

    public static bool TryParse(string? text, out ConceptId id)
    {
        id = default;
        if (text is not { Length: TextLength } || text.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            return false;
        }

        id = new ConceptId(ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return true;
    }

    public static ConceptId FromBytes(ReadOnlySpan<byte> bigEndian) => new(BinaryPrimitives.ReadUInt64BigEndian(bigEndian));

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
