using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

/// <summary>
/// Which metadata the concepts of one state have: from the filter sections of segments, and from the payloads in memory. Exact, but for the number of different values
/// where they are many: what is removed does not count. Costs a pass over the concepts in memory, and over the pairs of segments in which rows are dead; one over values else.
/// </summary>
internal static class ViewFields
{
    /// <exception cref="SegmentCorruptException">A filter section is not what was written.</exception>
    public static FieldSurvey Survey(EngineView view, int maxValues, CancellationToken cancellation)
    {
        var inMemory = InMemory(view, cancellation);
        var segments = Array.ConvertAll(view.Segments, segment => new Cursor(segment.Segment, Alive(segment.Segment, view.Sequence)));
        var fields = new List<FieldInfo>();
        var next = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> name = next < inMemory.Length ? inMemory[next].Name : default;
            var found = next < inMemory.Length;
            foreach (var segment in segments)
            {
                if (segment.TryName(out var other) && (!found || other.SequenceCompareTo(name) < 0))
                {
                    name = other;
                    found = true;
                }
            }

            if (!found)
            {
                return new FieldSurvey(fields, Complete: true);
            }

            var isInMemory = next < inMemory.Length && inMemory[next].Name.AsSpan().SequenceEqual(name);
            var tally = isInMemory ? inMemory[next++] : new FieldTally(name.ToArray());
            var sources = Array.FindAll(segments, segment => segment.TryName(out var other) && other.SequenceEqual(tally.Name));
            foreach (var source in sources)
            {
                source.AddTo(tally, only: sources.Length == 1 && !isInMemory, cancellation);
            }

            if (tally.Info(maxValues) is not { } info)
            {
                continue;
            }

            if (fields.Count == FieldSurvey.FieldLimit)
            {
                return new FieldSurvey(fields, Complete: false);
            }

            fields.Add(info);
        }
    }

    // In the order of their names.
    private static FieldTally[] InMemory(EngineView view, CancellationToken cancellation)
    {
        var tallies = new Dictionary<byte[], FieldTally>(ByteTexts.Comparer);
        var byName = tallies.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var table in new[] { view.Active, view.Frozen }.OfType<MemoryTable>())
        {
            foreach (var concept in ViewScan.InMemory(table, view.Sequence, cancellation))
            {
                for (var pairs = ConceptRecord.Metadata(concept.Payload.Span); pairs.MoveNext();)
                {
                    if (!byName.TryGetValue(pairs.Key, out var tally))
                    {
                        tally = new FieldTally(pairs.Key.ToArray());
                        tallies.Add(tally.Name, tally);
                    }

                    tally.Add(pairs.Value);
                }
            }
        }

        FieldTally[] sorted = [.. tallies.Values];
        Array.Sort(sorted, static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return sorted;
    }

    // A bit for each row of the state; empty when that is all of them.
    private static ulong[] Alive(Segment segment, ulong sequence)
    {
        if (segment.Live == segment.Rows)
        {
            return [];
        }

        var words = new ulong[RowBits.Words(segment.Rows)];
        for (uint row = 0; row < segment.Rows; row++)
        {
            if (segment.IsVisible(row, sequence))
            {
                RowBits.Add(words, row);
            }
        }

        return words;
    }

    /// <summary>Goes through the metadata keys of a segment, in their order.</summary>
    private sealed class Cursor(Segment segment, ulong[] alive)
    {
        private readonly FilterImage _image = segment.Filters.Image;
        private int _at;

        public bool TryName(out ReadOnlySpan<byte> name)
        {
            // Metadata comes before what the system names.
            name = _at < _image.Keys ? _image[_at].Name : default;
            if (name.IsEmpty || name[0] != FilterField.MetadataKey)
            {
                name = default;
                return false;
            }

            name = name[1..];
            return true;
        }

        public void AddTo(FieldTally tally, bool only, CancellationToken cancellation)
        {
            try
            {
                tally.Add(_image[_at++], alive, only, cancellation);
            }
            catch (InvalidDataException e)
            {
                throw new SegmentCorruptException($"'{segment.Path}' is corrupt: {e.Message}.", e);
            }
        }
    }
}
