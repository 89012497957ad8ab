using System.Buffers;
using System.Runtime.InteropServices;
using Sutra.Storage.Lexical;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Filtering;

/// <summary>
/// Writes a filter section of one part or merges several, in whatever order their rows end up; no payload is read. Holds in memory: twelve bytes a
/// row, 28 a value of one key, 48 a key, and the rows of one key.
/// </summary>
internal sealed class FilterImageWriter
{
    private readonly ImageBytes _output;
    private readonly uint _rows;
    private readonly List<FilterKeyEntry> _keys = [];
    private readonly List<FilterValueEntry> _values = [];
    private readonly SortedTable _numbers = new();
    private readonly SortedTable _times = new();
    private readonly ArrayBufferWriter<byte> _postings = new(1 << 12);
    private uint[] _present = new uint[1024];
    private int _presentCount;
    private byte[] _key = [];
    private long _heap;
    private long _pairs;

    private FilterImageWriter(Stream output, uint rows)
    {
        _output = new ImageBytes(output);
        _rows = rows;
    }

    /// <summary>Writes the section.</summary>
    /// <param name="output">Where to; written once from front to end, neither read nor sought.</param>
    /// <param name="rows">Rows of the section.</param>
    /// <param name="sources">What goes in: every row, and each once.</param>
    /// <exception cref="ArgumentException">A map is too short, names a row that is not, or one twice, or leaves one out.</exception>
    /// <exception cref="InvalidDataException">A source is a damaged section.</exception>
    public static void Write(Stream output, int rows, params ReadOnlySpan<FilterSource> sources)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var learned = MapLearned(rows, sources);
        var writer = new FilterImageWriter(output, (uint)rows);
        writer.Begin(learned);
        new FilterMerge(sources).Run(writer.Add);
        writer.EndKey();
        writer.End();
    }

    private static ulong[] MapLearned(int rows, ReadOnlySpan<FilterSource> sources)
    {
        var learned = new ulong[rows];
        var targets = new RowTargets(rows);
        foreach (var (part, map) in sources)
        {
            targets.Begin(map, part.Rows);
            var byRow = new ulong[part.Rows];
            part.CopyLearned(byRow);
            for (var row = 0; row < byRow.Length; row++)
            {
                if (targets.Take(map, row) is >= 0 and var to)
                {
                    learned[to] = byRow[row];
                }
            }
        }

        return targets.AllTaken ? learned : throw new ArgumentException("Some rows come from nowhere.", nameof(sources));
    }

    private void Begin(ulong[] learned)
    {
        _output.Write(new FilterImageHeader { Magic = FilterImageFormat.HeaderMagic, Version = FilterImageFormat.CurrentVersion, Rows = _rows });
        var table = new SortedTable();
        for (var row = 0; row < learned.Length; row++)
        {
            table.Add(learned[row], (uint)row);
        }

        Write(table);
    }

    private void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<uint> rows)
    {
        if (!key.SequenceEqual(_key))
        {
            EndKey();
            _key = key.ToArray();
            _heap = _output.Written;
            _output.Write(key);
        }

        if (value.Length >= 1 << FilterImageFormat.LengthBits)
        {
            throw FilterImageFormat.Damaged();
        }

        var ordinal = (uint)_values.Count;
        _values.Add(new FilterValueEntry
        {
            Place = ((ulong)(_output.Written - _heap) << FilterImageFormat.LengthBits) | (uint)value.Length,
            Count = (uint)rows.Length,
            Row = rows.Length == 1 ? rows[0] : 0,
        });
        _output.Write(value);
        if (rows.Length > 1)
        {
            WritePostings(rows);
        }

        if (SortKey.TryNumber(value, out var number))
        {
            _numbers.Add(number, ordinal);
        }
        else if (SortKey.TryTime(value, out var time))
        {
            _times.Add(time, ordinal);
        }

        if (_present.Length - _presentCount < rows.Length)
        {
            Array.Resize(ref _present, (int)Math.Min(Math.Max(_present.Length * 2L, _presentCount + (long)rows.Length), Array.MaxLength));
        }

        rows.CopyTo(_present.AsSpan(_presentCount));
        _presentCount += rows.Length;
    }

    private void EndKey()
    {
        if (_values.Count == 0)
        {
            return;
        }

        var present = _present.AsSpan(0, _presentCount);
        present.Sort();
        for (var i = 1; i < present.Length; i++)
        {
            if (present[i - 1] == present[i])
            {
                throw FilterImageFormat.Damaged();
            }
        }

        var presence = _output.Written - _heap;
        WritePostings(present);
        var length = _output.Written - _heap;
        Pad();
        _output.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_values)));
        _keys.Add(new FilterKeyEntry
        {
            Heap = (ulong)_heap,
            HeapLength = (ulong)length,
            Presence = (ulong)presence,
            Values = (uint)_values.Count,
            Numbers = (uint)_numbers.Count,
            Times = (uint)_times.Count,
            Rows = (uint)_presentCount,
            NameLength = (uint)_key.Length,
        });
        Write(_numbers);
        Write(_times);
        _pairs += _presentCount;
        _presentCount = 0;
        _values.Clear();
    }

    private void End()
    {
        var directory = _output.Written;
        _output.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_keys)));
        _output.Write(new FilterImageFooter { Directory = (ulong)directory, Keys = (uint)_keys.Count, Pairs = (ulong)_pairs, Magic = FilterImageFormat.FooterMagic });
        _output.Flush();
    }

    private void WritePostings(ReadOnlySpan<uint> rows)
    {
        _postings.ResetWrittenCount();
        FilterPostings.Write(rows, _rows, _postings);
        _output.Write(_postings.WrittenSpan);
    }

    private void Write(SortedTable table)
    {
        var (keys, numbers) = table.Take();
        _output.Write(MemoryMarshal.AsBytes<ulong>(keys));
        _output.Write(MemoryMarshal.AsBytes<uint>(numbers));
        Pad();
    }

    private void Pad()
    {
        Span<byte> zeros = stackalloc byte[FilterImageFormat.Alignment];
        zeros.Clear();
        _output.Write(zeros[..(int)(FilterImageFormat.Padded(_output.Written) - _output.Written)]);
    }

    /// <summary>Sort keys with the number of what has them, sorted by both.</summary>
    private sealed class SortedTable
    {
        private readonly List<ulong> _keys = [];
        private readonly List<uint> _numbers = [];

        public int Count => _keys.Count;

        public void Add(ulong key, uint number)
        {
            _keys.Add(key);
            _numbers.Add(number);
        }

        /// <summary>Leaves it empty.</summary>
        public (ulong[] Keys, uint[] Numbers) Take()
        {
            ulong[] keys = [.. _keys];
            uint[] numbers = [.. _numbers];
            _keys.Clear();
            _numbers.Clear();
            Array.Sort(keys, numbers);

            // Equal keys: by number, so that the same content gives the same bytes.
            for (int from = 0, to; from < keys.Length; from = to)
            {
                for (to = from + 1; to < keys.Length && keys[to] == keys[from];)
                {
                    to++;
                }

                Array.Sort(numbers, from, to - from);
            }

            return (keys, numbers);
        }
    }
}
