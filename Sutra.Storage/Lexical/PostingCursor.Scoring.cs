using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sutra.Storage.Lexical;

/// <content>Scores, and bounds of them.</content>
internal sealed unsafe partial class PostingCursor
{
    private float[] _inverse = [];
    private int _shallow;
    private float _shallowBound;
    private uint _shallowLast;
    private bool _shallowKnown;
    private int _pendingBlock;

    public float Weight { get; private set; }

    /// <summary>No row scores more.</summary>
    public float MaxScore { get; private set; }

    /// <summary>No row from the last <see cref="Shallow"/>'s target to <see cref="BlockLast"/> scores more.</summary>
    public float BlockBound => _shallowBound;

    public uint BlockLast => _shallowLast;

    /// <summary>Whether <see cref="Row"/> is only the lowest that the next row can be, in a block that has not been decoded.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Makes ready to score; stands on the first row afterwards.</summary>
    /// <param name="part">The part.</param>
    /// <param name="postings">The term in it.</param>
    /// <param name="weight">The term's.</param>
    /// <param name="inverse">By length code.</param>
    public void Open(LexicalPart part, in TermPostings postings, float weight, float[] inverse)
    {
        Open(part, postings);
        Weight = weight;
        _inverse = inverse;
        _shallowKnown = false;
        IsPending = false;
        if (_growing)
        {
            // Read after the postings were, so that they bound them.
            var record = ((LexicalSnapshot)part).Record(postings.Term);
            MaxScore = Bm25.Score(weight, Volatile.Read(ref record->MaxFrequency), inverse[Volatile.Read(ref record->MinLength) & 0xFF]);
        }
        else if (_table != null)
        {
            MaxScore = ImpactSet.Bound(*(ulong*)((byte*)_table - LexicalImageFormat.ListHead), weight, inverse);
        }
        else
        {
            MaxScore = 0;
            for (var i = 0; i < _filled; i++)
            {
                MaxScore = Math.Max(MaxScore, ScoreAt(i));
            }
        }

        (_shallowBound, _shallowLast) = (MaxScore, End - 1);
    }

    /// <summary>Of the row where it stands.</summary>
    public float Score() => ScoreAt(_at);

    /// <summary>Looks up the bound of the block that <paramref name="target"/> would be in, without decoding it.</summary>
    public void Shallow(uint target)
    {
        if (_growing || _table == null || (_shallowKnown && target <= _shallowLast))
        {
            return;
        }

        _shallowKnown = true;
        _shallow = FindBlock(Math.Max(_shallow, _block), target);
        (_shallowBound, _shallowLast) = _shallow < _blocks ? (ImpactSet.Bound(_table[_shallow].Impacts, Weight, _inverse), _table[_shallow].LastRow) : (0, End - 1);
    }

    /// <summary>As <see cref="Seek"/>, but decodes no block: it may yet be passed over. Afterwards <see cref="IsPending"/> may hold.</summary>
    public void SeekPending(uint target)
    {
        if (target <= Row)
        {
            return;
        }

        if (_growing || _table == null || (!IsPending && _rows[_filled - 1] >= target))
        {
            Seek(target);
            return;
        }

        _pendingBlock = FindBlock(Math.Max(IsPending ? _pendingBlock : _block + 1, _shallow), target);
        IsPending = _pendingBlock < _blocks;
        if (IsPending)
        {
            Row = Math.Max(target, _table[_pendingBlock - 1].LastRow + 1);
        }
        else
        {
            Finish();
        }
    }

    /// <summary>Decodes the block that is pending, and stands on a row again.</summary>
    public void Resolve()
    {
        var target = Row;
        IsPending = false;
        Fill(_pendingBlock);
        Seek(target);
    }

    /// <summary>Adds the scores of the rows below <paramref name="end"/>, and stands behind them.</summary>
    /// <param name="start">The row that <paramref name="scores"/> begins with.</param>
    /// <param name="end">At most so many rows further.</param>
    /// <param name="scores">Sums.</param>
    /// <param name="touched">A bit for each row that has one.</param>
    public void Accumulate(uint start, uint end, double* scores, ulong* touched)
    {
        while (Row < end)
        {
            var (at, filled) = (_at, _filled);
            var rows = _rows;
            for (; at < filled && rows[at] < end; at++)
            {
                var i = rows[at] - start;
                scores[i] += ScoreAt(at);
                touched[i >> 6] |= 1UL << (int)i;
            }

            _at = at;
            if (at < filled)
            {
                Row = rows[at];
                return;
            }

            FillNext();
        }
    }

    // A code is a byte, and there are 256 of them.
    private float ScoreAt(int at)
    {
        var row = _rows[at];
        var code = _flatLengths != null ? _flatLengths[row] : *_lengths[row];
        return Bm25.Score(Weight, _frequencies[at], Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_inverse), (nuint)code));
    }
}
