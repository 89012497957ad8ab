using System.Diagnostics.CodeAnalysis;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

/// <summary>
/// The metadata keys of a filter of many tests, so that a concept's pairs are gone through once and not by each test.
/// </summary>
internal sealed class MetadataFields
{
    // Fewer look for their keys themselves: most end at the first that does not pass.
    private const int FewTests = 4;

    private readonly FilterField[] _fields;

    private MetadataFields(FilterField[] fields) => _fields = fields;

    public int Count => _fields.Length;

    /// <param name="tests">Of metadata, in the filter.</param>
    /// <param name="fields">Different ones.</param>
    /// <returns>Null when it is not worth it.</returns>
    public static MetadataFields? Of(int tests, IEnumerable<FilterField> fields)
    {
        if (tests <= FewTests)
        {
            return null;
        }

        var sorted = fields.ToArray();
        Array.Sort(sorted, static (left, right) => left.Name.SequenceCompareTo(right.Name));
        return new MetadataFields(sorted);
    }

    /// <summary>Finds the values of all keys.</summary>
    /// <param name="payload">Of a concept.</param>
    /// <param name="values">By <see cref="FilterField.Place"/>; all as new.</param>
    /// <exception cref="InvalidDataException">The payload is not what was written.</exception>
    public void Find(ReadOnlySpan<byte> payload, Span<FieldValue> values)
    {
        for (var pairs = ConceptRecord.Metadata(payload); pairs.MoveNext();)
        {
            if (TryFind(pairs.Key, out var field))
            {
                payload.Overlaps(pairs.Value, out var at);
                values[field.Place] = new FieldValue { IsThere = true, At = at, Length = pairs.Value.Length };
            }
        }
    }

    private bool TryFind(ReadOnlySpan<byte> name, [NotNullWhen(true)] out FilterField? field)
    {
        var (low, high) = (0, _fields.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            field = _fields[middle];
            var order = field.Name.SequenceCompareTo(name);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        field = null;
        return false;
    }
}

/// <summary>A value of a concept's metadata, in its payload, and what ranges found it to be.</summary>
internal struct FieldValue
{
    public bool IsThere { get; init; }

    public int At { get; init; }

    public int Length { get; init; }

    /// <summary>As number, once asked.</summary>
    public ulong? Number { get; set; }

    /// <summary>As time, once asked.</summary>
    public ulong? Time { get; set; }

    /// <summary>It was asked whether it is a number, a time.</summary>
    public (bool Number, bool Time) Asked { get; set; }
}
