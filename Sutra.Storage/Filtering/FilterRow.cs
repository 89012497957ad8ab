using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

/// <summary>A concept in memory, as a filter sees it: nothing of it is decoded that is not asked for.</summary>
/// <param name="payload">Of its learn record.</param>
/// <param name="values">Of the filter's metadata keys (<see cref="MetadataFields"/>); empty: they are looked for when asked for.</param>
internal readonly ref struct FilterRow(ReadOnlySpan<byte> payload, Span<FieldValue> values)
{
    private readonly Span<FieldValue> _values = values;
    private readonly ReadOnlySpan<byte> _payload = payload;

    public ulong Id => ConceptRecord.Id(_payload).Value;

    public ulong LearnedAt => SortKey.OfMilliseconds(ConceptRecord.LearnedAtMilliseconds(_payload));

    /// <summary>UTF-8 of a field that has text.</summary>
    /// <returns>False: the concept has no such field.</returns>
    public bool TryGet(FilterField field, out ReadOnlySpan<byte> value)
    {
        if (field.Kind == FieldKind.Metadata)
        {
            if (!_values.IsEmpty)
            {
                ref readonly var known = ref _values[field.Place];
                value = known.IsThere ? _payload.Slice(known.At, known.Length) : default;
                return known.IsThere;
            }

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

    /// <summary>A field's text as <see cref="SortKey"/>.</summary>
    /// <param name="times">As a time; else as a number.</param>
    /// <returns>False: it is none, or not there.</returns>
    public bool TryGetSortKey(FilterField field, bool times, out ulong key)
    {
        key = 0;
        if (!TryGet(field, out var value))
        {
            return false;
        }

        if (_values.IsEmpty || field.Kind != FieldKind.Metadata)
        {
            return times ? SortKey.TryTime(value, out key) : SortKey.TryNumber(value, out key);
        }

        ref var known = ref _values[field.Place];
        if (times && !known.Asked.Time)
        {
            known.Time = SortKey.TryTime(value, out key) ? key : null;
            known.Asked = (known.Asked.Number, true);
        }
        else if (!times && !known.Asked.Number)
        {
            known.Number = SortKey.TryNumber(value, out key) ? key : null;
            known.Asked = (true, known.Asked.Time);
        }

        var asked = times ? known.Time : known.Number;
        key = asked ?? 0;
        return asked is not null;
    }
}
