using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

/// <summary>A concept in memory, as a filter sees it: nothing of it is decoded that is not asked for.</summary>
/// <param name="payload">Of its learn record.</param>
internal readonly ref struct FilterRow(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;

    public ulong Id => ConceptRecord.Id(_payload).Value;

    public ulong LearnedAt => SortKey.OfMilliseconds(ConceptRecord.LearnedAtMilliseconds(_payload));

    /// <summary>UTF-8 of a field that has text.</summary>
    /// <returns>False: the concept has no such field.</returns>
    public bool TryGet(FilterField field, out ReadOnlySpan<byte> value)
    {
        if (field.Kind == FieldKind.Metadata)
        {
            for (var pairs = ConceptRecord.Metadata(_payload); pairs.MoveNext();)
            {
                if (pairs.Key.SequenceEqual(field.Name))
                {
                    value = pairs.Value;
                    return true;
                }
            }

            value = default;
            return false;
        }

        value = field.Kind == FieldKind.Model ? ConceptRecord.ModelBytes(_payload) : ConceptRecord.OwnerBytes(_payload);
        return !value.IsEmpty;
    }
}
