using Sutra.Storage.Hnsw;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Filtering;

/// <summary>The rows of a segment that match a filter, dead or alive, and where their vectors are. Unchanging; for any number of threads.</summary>
internal sealed class SegmentMatch
{
    // So many rows are looked up one by one in the time that a slot takes when all are gone through.
    private const int LookUpCost = 4;

    private readonly Segment _segment;
    private readonly ulong[] _words;
    private readonly SlotBitmap?[] _slots;

    public SegmentMatch(Segment segment, ulong[] words)
    {
        _segment = segment;
        _words = words;
        _slots = new SlotBitmap?[segment.Parts.Count];
        Count = RowBits.Count(words);
    }

    /// <summary>Rows.</summary>
    public long Count { get; }

    /// <summary>Ascending.</summary>
    public IEnumerable<uint> Rows => RowBits.Rows(_words);

    public bool Contains(uint row) => RowBits.Contains(_words, row);

    /// <summary>The vectors of a part that may be found.</summary>
    public SlotBitmap Slots(int part) => Volatile.Read(ref _slots[part]) ?? (_slots[part] = Find(part));

    private SlotBitmap Find(int part)
    {
        var vectors = _segment.Parts[part];
        var slots = vectors.View.Count;
        if (vectors.RowsAreSlots && slots == _segment.Rows)
        {
            return SlotBitmap.FromWords(_words);
        }

        var words = new ulong[RowBits.Words(slots)];
        if (Count * LookUpCost < slots)
        {
            foreach (var row in Rows)
            {
                if (_segment.PartNumber(row) == part)
                {
                    RowBits.Add(words, _segment.Slot(row));
                }
            }
        }
        else
        {
            for (uint slot = 0; slot < slots; slot++)
            {
                var row = vectors.RowOf(slot);
                if (row != RowEntry.None && Contains(row))
                {
                    RowBits.Add(words, slot);
                }
            }
        }

        return SlotBitmap.FromWords(words);
    }
}
