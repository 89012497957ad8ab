using Sutra.Storage.Concepts;
using Sutra.Storage.Log;

namespace Sutra.Storage.Filtering;

/// <summary>
/// Compares a filter section with the payloads that it was made of: every pair, every time of learning, and the order of numbers and times. Costs
/// one pass, and 20 bytes a row.
/// </summary>
internal sealed class FilterAudit
{
    private readonly FilterImage _image;

    // Of each row's pairs: how many, and the sum of their hashes.
    private readonly int[] _counts;
    private readonly ulong[] _hashes;
    private readonly ulong[] _learned;

    /// <exception cref="InvalidDataException">The section is damaged, or contradicts itself.</exception>
    public FilterAudit(FilterImage image)
    {
        _image = image;
        _counts = new int[image.Rows];
        _hashes = new ulong[image.Rows];
        _learned = new ulong[image.Rows];
        image.CopyLearned(_learned);
        for (var i = 0; i < image.Keys; i++)
        {
            Read(image[i]);
        }
    }

    /// <exception cref="InvalidDataException">The section says something else of the row.</exception>
    public void Check(uint row, ReadOnlySpan<byte> payload)
    {
        var (count, hash) = (0, 0UL);
        for (var pairs = ConceptRecord.Metadata(payload); pairs.MoveNext(); count++)
        {
            hash += Hash([FilterField.MetadataKey, .. pairs.Key], pairs.Value);
        }

        if (ConceptRecord.OwnerBytes(payload) is { IsEmpty: false } owner)
        {
            count++;
            hash += Hash(FilterField.OwnerKey, owner);
        }

        if (count != _counts[row] || hash != _hashes[row])
        {
            throw new InvalidDataException("the filter section says other metadata");
        }

        if (_learned[row] != SortKey.OfMilliseconds(ConceptRecord.LearnedAtMilliseconds(payload)))
        {
            throw new InvalidDataException("the filter section says another time");
        }
    }

    private void Read(FilterKey key)
    {
        var words = new ulong[RowBits.Words(_image.Rows)];
        var present = new ulong[words.Length];
        var (numbers, times) = (new HashSet<(ulong, uint)>(), new HashSet<(ulong, uint)>());
        for (var value = 0L; value < key.Values; value++)
        {
            var text = key.Value(value);
            if (value > 0 && key.Value(value - 1).SequenceCompareTo(text) >= 0)
            {
                throw FilterImageFormat.Damaged();
            }

            var hash = Hash(key.Name, text);
            var rows = new uint[key.CountOf(value)];
            key.Read(value, rows);
            foreach (var row in rows)
            {
                _counts[row]++;
                _hashes[row] += hash;
                RowBits.Add(words, row);
            }

            if (SortKey.TryNumber(text, out var number))
            {
                numbers.Add((number, (uint)value));
            }
            else if (SortKey.TryTime(text, out var time))
            {
                times.Add((time, (uint)value));
            }
        }

        key.AddAll(present);
        if (!words.AsSpan().SequenceEqual(present) || RowBits.Count(words) != key.Rows)
        {
            throw new InvalidDataException("the filter section contradicts itself: who has a key");
        }

        Check(key.Numbers, numbers, key.Values);
        Check(key.Times, times, key.Values);
    }

    private static unsafe void Check(FilterSortTable table, HashSet<(ulong Key, uint Value)> expected, long values)
    {
        for (var at = 0L; at < table.Count; at++)
        {
            if (!expected.Remove((table.Keys[at], table.Number(at, (uint)values))) || (at > 0 && table.Keys[at] < table.Keys[at - 1]))
            {
                throw new InvalidDataException("the filter section contradicts itself: order of values");
            }
        }

        if (expected.Count > 0)
        {
            throw new InvalidDataException("the filter section contradicts itself: order of values");
        }
    }

    private static ulong Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var start = Crc32C.Compute(key);
        var hash = ((ulong)start << 32 | Crc32C.Append(start, value)) + (ulong)value.Length;
        hash *= 0x9E37_79B9_7F4A_7C15;
        hash ^= hash >> 29;
        return hash * 0xBF58_476D_1CE4_E5B9;
    }
}
