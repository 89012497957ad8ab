using System.Runtime.CompilerServices;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Vectors;

namespace Sutra.Storage.Lexical;

/// <summary>
/// A lexical index that grows in memory. One thread adds; any number search <see cref="Snapshot"/>s meanwhile, without locks. Lists of
/// postings are variable-length bytes in slices; nothing is an object of its own.
/// </summary>
internal sealed unsafe class MutableLexicalIndex : IDisposable
{
    // What a text may need at most: pairs of characters of three bytes each, all new.
    private const int WorstBytesPerCharacter = 48;

    private readonly PostingArena _arena = new();
    private readonly TermTable _terms;
    private readonly RowStore _lengths = new(1, 12);
    private readonly List<uint> _touched = [];
    private bool _broken;

    // Guards the three numbers below, which are read together: odd while they change.
    private int _version;
    private int _rows;
    private int _documents;
    private long _totalLength;

    /// <param name="language">Whose word endings are removed.</param>
    public MutableLexicalIndex(TextLanguage language)
    {
        Language = language;
        _terms = new TermTable(_arena);
    }

    public TextLanguage Language { get; }

    /// <summary>One more than the highest row added.</summary>
    public int Rows => Volatile.Read(ref _rows);

    /// <summary>Different terms.</summary>
    public int Terms => _terms.Count;

    /// <summary>Memory in use.</summary>
    public long Bytes => _arena.Used + _terms.Bytes + Rows;

    internal RowView ArenaView => _arena.View;

    internal TermTable Table => _terms;

    /// <summary>Adds the text of a row. It is seen by snapshots taken afterwards.</summary>
    /// <param name="row">Higher than every row before; rows passed over have no text.</param>
    /// <param name="text">Anything.</param>
    /// <exception cref="ArgumentOutOfRangeException">The row is not higher.</exception>
    /// <exception cref="InvalidOperationException">About 2 GiB are in use, or an addition has failed before. Nothing was added.</exception>
    public void Add(int row, ReadOnlySpan<char> text)
    {
        Begin(row, text.Length);
        var sink = new Sink(this, (uint)row);
        TextAnalyzer.Analyze(text, Language, ref sink);
        Complete(row, sink.Length);
    }

    /// <summary>Adds the text of a row, which is UTF-8. What is not is taken as U+FFFD.</summary>
    /// <inheritdoc cref="Add(int, ReadOnlySpan{char})"/>
    public void Add(int row, ReadOnlySpan<byte> utf8)
    {
        Begin(row, utf8.Length);
        var sink = new Sink(this, (uint)row);
        TextAnalyzer.Analyze(utf8, Language, ref sink);
        Complete(row, sink.Length);
    }

    /// <summary>Adds a row of terms that are ready, without looking at them.</summary>
    /// <param name="row">Higher than every row before.</param>
    /// <param name="terms">Each a byte for its length, at most <see cref="TextAnalyzer.MaxTermBytes"/>, and its bytes.</param>
    /// <inheritdoc cref="Add(int, ReadOnlySpan{char})" path="/exception"/>
    public void AddTerms(int row, ReadOnlySpan<byte> terms)
    {
        Begin(row, terms.Length);
        var count = 0u;
        for (; !terms.IsEmpty; terms = terms[(terms[0] + 1)..])
        {
            Count(terms.Slice(1, terms[0]), (uint)row);
            count++;
        }

        Complete(row, count);
    }

    /// <summary>The rows below <paramref name="rows"/> that have been added. Takes no copy; is valid until this is disposed.</summary>
    public LexicalSnapshot Snapshot(int rows = int.MaxValue)
    {
        while (true)
        {
            var version = Volatile.Read(ref _version);
            var (added, documents, total) = (Volatile.Read(ref _rows), Volatile.Read(ref _documents), Volatile.Read(ref _totalLength));
            Thread.MemoryBarrier();
            if ((version & 1) != 0 || version != Volatile.Read(ref _version))
            {
                Thread.SpinWait(8);
                continue;
            }

            var lengths = _lengths.View;
            for (; added > Math.Max(rows, 0); added--)
            {
                var code = *lengths[(uint)added - 1];
                documents -= code > 0 ? 1 : 0;
                total -= LengthCode.Decode(code);
            }

            return new LexicalSnapshot(this, lengths, added, documents, total);
        }
    }

    /// <summary>Frees the memory. No snapshot may be in use.</summary>
    public void Dispose()
    {
        _terms.Dispose();
        _arena.Dispose();
        _lengths.Dispose();
    }

    private void Begin(int row, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row, _rows);
        if (_broken || _arena.Used + (long)length * WorstBytesPerCharacter > PostingArena.Limit)
        {
            throw new InvalidOperationException("The lexical index in memory is full.");
        }

        // Set back at the end: an exception in between leaves lists that name a row that is not there.
        _broken = true;
        _touched.Clear();
        _lengths.EnsureCapacity((uint)row + 1);
    }

    private void Count(ReadOnlySpan<byte> utf8, uint row)
    {
        var term = _terms.GetOrAdd(utf8);
        var record = _terms[term];
        if (record->PendingRow == row)
        {
            record->PendingFrequency++;
            return;
        }

        record->PendingRow = row;
        record->PendingFrequency = 1;
        _touched.Add(term);
    }

    private void Complete(int row, uint length)
    {
        var code = LengthCode.Floor(length);
        foreach (var term in _touched)
        {
            Append(_terms[term], (uint)row, code);
        }

        var lengths = _lengths.View;
        for (var i = _rows; i < row; i++)
        {
            *lengths[(uint)i] = 0;
        }

        *lengths[(uint)row] = code;
        Interlocked.Increment(ref _version);
        Volatile.Write(ref _totalLength, _totalLength + LengthCode.Decode(code));
        Volatile.Write(ref _documents, _documents + (code > 0 ? 1 : 0));
        Volatile.Write(ref _rows, row + 1);
        Interlocked.Increment(ref _version);
        _broken = false;
    }

    private void Append(TermRecord* record, uint row, byte length)
    {
        var count = (uint)record->Published;
        var frequency = record->PendingFrequency;
        var delta = count == 0 ? row : row - (uint)(record->Published >> 32) - 1;
        Volatile.Write(ref record->MaxFrequency, Math.Max(record->MaxFrequency, frequency));
        Volatile.Write(ref record->MinLength, Math.Min(record->MinLength, length));
        WriteNumber(record, ((ulong)delta << 1) | (frequency == 1 ? 1u : 0));
        if (frequency > 1)
        {
            WriteNumber(record, frequency);
        }

        Volatile.Write(ref record->Published, ((ulong)row << 32) | (count + 1));
    }

    private void WriteNumber(TermRecord* record, ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            WriteByte(record, (byte)(number | 0x80));
        }

        WriteByte(record, (byte)number);
    }

    private void WriteByte(TermRecord* record, byte value)
    {
        if (record->Write == record->SliceEnd)
        {
            var first = record->SliceEnd == 0;
            var level = first ? 0 : Math.Min(record->Level + 1, PostingArena.MaxLevel);
            var slice = _arena.AllocateSlice(level);
            if (first)
            {
                record->Head = slice;
            }
            else
            {
                Unsafe.WriteUnaligned(_arena.View[record->SliceEnd], slice);
            }

            record->Level = level;
            record->Write = slice;
            record->SliceEnd = slice + PostingArena.SliceSize(level);
        }

        *_arena.View[record->Write++] = value;
    }

    private struct Sink(MutableLexicalIndex index, uint row) : ITermSink
    {
        public uint Length { get; private set; }

        public void Add(ReadOnlySpan<byte> utf8, bool extra)
        {
            index.Count(utf8, row);
            Length += extra ? 0u : 1;
        }
    }
}
