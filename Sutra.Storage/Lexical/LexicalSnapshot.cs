using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>The first rows of a <see cref="MutableLexicalIndex"/>, while others may be added to it. For any number of threads.</summary>
internal sealed unsafe class LexicalSnapshot : LexicalPart
{
    private readonly MutableLexicalIndex _index;
    private readonly int[] _slots;

    internal LexicalSnapshot(MutableLexicalIndex index, RowView lengths, int rows, int documents, long totalLength)
    {
        _index = index;
        _slots = index.Table.Slots;
        Lengths = lengths;
        Rows = rows;
        Documents = documents;
        TotalLength = totalLength;
    }

    internal RowView Arena => _index.ArenaView;

    internal TermRecord* Record(uint term) => _index.Table[term];

    internal override bool TryFind(ReadOnlySpan<byte> term, out TermPostings postings)
    {
        var found = _index.Table.Find(_slots, term);
        postings = found < 0 ? default : new TermPostings { Term = (uint)found, Frequency = Frequency((uint)found) };
        return postings.Frequency > 0;
    }

    internal override TermEnumerator Terms() => new Enumerator(this);

    // All that is published, unless something was since this snapshot: then those of its rows.
    private int Frequency(uint term)
    {
        var published = Volatile.Read(ref Record(term)->Published);
        if ((uint)published == 0 || (uint)(published >> 32) < (uint)Rows)
        {
            return (int)(uint)published;
        }

        var count = 0;
        for (var reader = new SliceReader(this, term); reader.TryRead(out var row, out _) && row < (uint)Rows;)
        {
            count++;
        }

        return count;
    }

    private sealed class Enumerator : TermEnumerator
    {
        private readonly LexicalSnapshot _snapshot;
        private readonly uint[] _sorted;
        private int _at = -1;
        private TermPostings _postings;

        public Enumerator(LexicalSnapshot snapshot)
        {
            _snapshot = snapshot;
            var table = snapshot._index.Table;
            _sorted = new uint[table.Count];
            for (var i = 0; i < _sorted.Length; i++)
            {
                _sorted[i] = (uint)i;
            }

            Array.Sort(_sorted, (a, b) => table.Text(a).SequenceCompareTo(table.Text(b)));
        }

        public override ReadOnlySpan<byte> Term => _snapshot._index.Table.Text(_sorted[_at]);

        public override TermPostings Postings => _postings;

        public override bool MoveNext()
        {
            while (++_at < _sorted.Length)
            {
                var frequency = _snapshot.Frequency(_sorted[_at]);
                if (frequency > 0)
                {
                    _postings = new TermPostings { Term = _sorted[_at], Frequency = frequency };
                    return true;
                }
            }

            return false;
        }
    }
}

/// <summary>Reads the postings of a term out of its slices, those that were published when it was made.</summary>
internal unsafe struct SliceReader
{
    private readonly RowView _arena;
    private byte* _at;
    private byte* _end;
    private int _level;
    private uint _left;
    private uint _next;

    public SliceReader(LexicalSnapshot snapshot, uint term)
    {
        var record = snapshot.Record(term);
        _left = (uint)Volatile.Read(ref record->Published);
        _arena = snapshot.Arena;
        if (_left > 0)
        {
            _at = _arena[record->Head];
            _end = _at + PostingArena.SliceSize(0);
        }
    }

    public bool TryRead(out uint row, out uint frequency)
    {
        row = uint.MaxValue;
        frequency = 0;
        if (_left == 0)
        {
            return false;
        }

        _left--;
        var number = ReadNumber();
        row = _next + (uint)(number >> 1);
        _next = row + 1;
        frequency = (number & 1) != 0 ? 1 : (uint)ReadNumber();
        return true;
    }

    private ulong ReadNumber()
    {
        ulong number = ReadByte();
        if (number < 0x80)
        {
            return number;
        }

        number &= 0x7F;
        for (var shift = 7; ; shift += 7)
        {
            var next = ReadByte();
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }

    private byte ReadByte()
    {
        if (_at == _end)
        {
            _level = Math.Min(_level + 1, PostingArena.MaxLevel);
            _at = _arena[PostingArena.NextSlice(_end)];
            _end = _at + PostingArena.SliceSize(_level);
        }

        return *_at++;
    }
}
