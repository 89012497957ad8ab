using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>
/// Goes through the rows of one term in one part, up only, decoding 128 at a time into memory of its own. Reused: <see cref="Open(LexicalPart,
/// in TermPostings)"/> begins anew. For one thread at a time.
/// </summary>
internal sealed unsafe partial class PostingCursor
{
    /// <summary>The row after the last.</summary>
    public const uint End = uint.MaxValue;

    private const int Block = LexicalImageFormat.BlockSize;

    private static readonly ConcurrentQueue<PostingCursor> Idle = new();

    private readonly uint[] _memory = GC.AllocateUninitializedArray<uint>(2 * Block, pinned: true);
    private readonly uint* _rows;
    private readonly uint* _frequencies;
    private int _at;
    private int _filled;
    private uint _limit;
    private RowView _lengths;

    // Of an image.
    private byte* _flatLengths;
    private PostingBlock* _table;
    private byte* _data;
    private long _dataLength;
    private int _count;
    private int _blocks;
    private int _block;

    // Of a growing index.
    private SliceReader _slices;
    private bool _growing;

    public PostingCursor()
    {
        _rows = (uint*)Unsafe.AsPointer(ref _memory[0]);
        _frequencies = _rows + Block;
    }

    /// <summary>Where it stands, or <see cref="End"/>.</summary>
    public uint Row { get; private set; }

    /// <summary>How often the row has the term.</summary>
    public uint Frequency => _frequencies[_at];

    public static PostingCursor Rent() => Idle.TryDequeue(out var cursor) ? cursor : new PostingCursor();

    public static void Return(PostingCursor cursor) => Idle.Enqueue(cursor);

    /// <summary>Stands on the first row afterwards.</summary>
    /// <exception cref="InvalidDataException">The image is damaged; so say all methods that move.</exception>
    public void Open(LexicalPart part, in TermPostings postings)
    {
        Prepare(part, postings);
        _block = -1;
        _filled = 0;
        FillNext();
    }

    /// <summary>Moves to the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next()
    {
        if (++_at < _filled)
        {
            Row = _rows[_at];
            return;
        }

        FillNext();
    }

    /// <summary>Moves to the first row that is not below <paramref name="target"/>; stays if it is there or beyond.</summary>
    public void Seek(uint target)
    {
        if (target <= Row)
        {
            return;
        }

        if (_growing)
        {
            while (_filled > 0 && _rows[_filled - 1] < target)
            {
                FillNext();
            }

            if (_filled == 0)
            {
                return;
            }
        }
        else if (_rows[_filled - 1] < target)
        {
            var block = FindBlock(Math.Max(_block + 1, _shallow), target);
            if (block == _blocks)
            {
                Finish();
                return;
            }

            Fill(block);
        }

        while (_rows[_at] < target)
        {
            _at++;
        }

        Row = _rows[_at];
    }

    private void Prepare(LexicalPart part, in TermPostings postings)
    {
        _lengths = part.Lengths;
        _limit = (uint)part.Rows;
        _shallow = 0;
        if (part is LexicalSnapshot snapshot)
        {
            _growing = true;
            _flatLengths = null;
            _slices = new SliceReader(snapshot, postings.Term);
            return;
        }

        _growing = false;
        _flatLengths = _lengths[0];
        _count = postings.Frequency;
        _blocks = (int)(((uint)_count + Block - 1) / Block);
        _data = postings.Data;
        _dataLength = postings.Length;
        _table = null;
        if (_blocks > 1)
        {
            var head = LexicalImageFormat.ListHead + (long)_blocks * sizeof(PostingBlock);
            if (_dataLength < head)
            {
                throw PostingCodec.Damaged();
            }

            _table = (PostingBlock*)(_data + LexicalImageFormat.ListHead);
            _data += head;
            _dataLength -= head;
        }
    }

    private void FillNext()
    {
        if (_growing)
        {
            FillFromSlices();
        }
        else if (_block + 1 < _blocks)
        {
            Fill(_block + 1);
        }
        else
        {
            Finish();
        }
    }

    private void Finish()
    {
        _filled = 0;
        Row = End;
    }

    private void Fill(int block)
    {
        var count = block + 1 < _blocks ? Block : _count - block * Block;
        if (_table == null)
        {
            PostingCodec.Decode(_data, _dataLength, count, 0, _limit, _rows, _frequencies);
        }
        else
        {
            var (next, offset) = (block == 0 ? 0 : _table[block - 1].LastRow + 1, _table[block].Offset);
            if (offset > _dataLength)
            {
                throw PostingCodec.Damaged();
            }

            PostingCodec.Decode(_data + offset, _dataLength - offset, count, next, _limit, _rows, _frequencies);
            if (_rows[count - 1] != _table[block].LastRow)
            {
                throw PostingCodec.Damaged();
            }
        }

        _block = block;
        _filled = count;
        _at = 0;
        Row = _rows[0];
    }

    private void FillFromSlices()
    {
        var count = 0;
        while (count < Block && _slices.TryRead(out var row, out var frequency) && row < _limit)
        {
            _rows[count] = row;
            _frequencies[count++] = frequency;
        }

        _filled = count;
        _at = 0;
        Row = count > 0 ? _rows[0] : End;
    }

    // Short steps are the rule, long ones the gain: doubling, then halving.
    private int FindBlock(int from, uint target)
    {
        if (_table == null)
        {
            return _blocks;
        }

        var (step, high) = (1, from);
        while (high < _blocks && _table[high].LastRow < target)
        {
            from = high + 1;
            high += step;
            step *= 2;
        }

        high = Math.Min(high, _blocks);
        while (from < high)
        {
            var middle = (from + high) / 2;
            if (_table[middle].LastRow < target)
            {
                from = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return from;
    }
}
