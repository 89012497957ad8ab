using System.Text;
using Sutra.Storage.Concepts;

namespace Sutra.Storage.Filtering;

/// <summary>The fields of concepts that lie in memory, gathered for the section of the segment that they go into.</summary>
internal sealed class FilterTable : FilterPart
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _payloads;
    private readonly (byte[] Key, List<Place> Places)[] _keys;

    private FilterTable(IReadOnlyList<ReadOnlyMemory<byte>> payloads, (byte[] Key, List<Place> Places)[] keys)
    {
        _payloads = payloads;
        _keys = keys;
        Rows = (uint)payloads.Count;
    }

    /// <param name="payloads">Of learn records, by row. They stay as they are as long as this is used.</param>
    /// <exception cref="InvalidDataException">One is not what was written.</exception>
    public static FilterTable Of(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        var gathered = new Dictionary<string, List<Place>>(StringComparer.Ordinal);
        for (var row = 0; row < payloads.Count; row++)
        {
            var payload = payloads[row].Span;
            for (var pairs = ConceptRecord.Metadata(payload); pairs.MoveNext();)
            {
                PlacesOf(FilterField.MetadataKey, pairs.Key).Add(PlaceOf(row, payload, pairs.Value));
            }

            if (ConceptRecord.OwnerBytes(payload) is { IsEmpty: false } owner)
            {
                PlacesOf(FilterField.SystemKey, FilterField.OwnerKey.AsSpan(1)).Add(PlaceOf(row, payload, owner));
            }
        }

        var keys = gathered.Select(pair => (Encoding.UTF8.GetBytes(pair.Key), pair.Value)).ToArray();
        Array.Sort(keys, static (left, right) => left.Item1.AsSpan().SequenceCompareTo(right.Item1));
        var table = new FilterTable(payloads, keys);
        foreach (var (_, places) in keys)
        {
            places.Sort(table.Compare);
        }

        return table;

        List<Place> PlacesOf(byte kind, ReadOnlySpan<byte> name)
        {
            var key = (char)kind + Encoding.UTF8.GetString(name);
            if (!gathered.TryGetValue(key, out var places))
            {
                gathered.Add(key, places = []);
            }

            return places;
        }
    }

    public override void CopyLearned(Span<ulong> byRow)
    {
        for (var row = 0; row < _payloads.Count; row++)
        {
            byRow[row] = SortKey.OfMilliseconds(ConceptRecord.LearnedAtMilliseconds(_payloads[row].Span));
        }
    }

    public override FilterCursor Pairs() => new Cursor(this);

    private static Place PlaceOf(int row, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> value) =>
        new(row, (int)System.Runtime.CompilerServices.Unsafe.ByteOffset(
            in System.Runtime.InteropServices.MemoryMarshal.GetReference(payload),
            in System.Runtime.InteropServices.MemoryMarshal.GetReference(value)), value.Length);

    private ReadOnlySpan<byte> ValueAt(Place place) => _payloads[place.Row].Span.Slice(place.At, place.Length);

    private int Compare(Place left, Place right) => ValueAt(left).SequenceCompareTo(ValueAt(right)) is var order && order != 0 ? order : left.Row.CompareTo(right.Row);

    /// <summary>A value in its payload.</summary>
    private readonly record struct Place(int Row, int At, int Length);

    private sealed class Cursor(FilterTable table) : FilterCursor
    {
        private int _key = -1;
        private int _at;
        private int _end;

        public override ReadOnlySpan<byte> Key => table._keys[_key].Key;

        public override ReadOnlySpan<byte> Value => table.ValueAt(Places[_at]);

        public override int Count => _end - _at;

        private List<Place> Places => table._keys[_key].Places;

        public override bool MoveNext()
        {
            _at = _end;
            while (_key < 0 || _at == Places.Count)
            {
                if (++_key == table._keys.Length)
                {
                    return false;
                }

                _at = 0;
            }

            for (_end = _at + 1; _end < Places.Count && Value.SequenceEqual(table.ValueAt(Places[_end]));)
            {
                _end++;
            }

            return true;
        }

        public override void CopyRows(Span<uint> rows)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = (uint)Places[_at + i].Row;
            }
        }
    }
}
