using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sutra.Storage.Filtering;

/// <summary>
/// Sets of rows as bytes: gaps of seven bits a byte, a bit a row, or nothing where it is all rows; whichever is smallest. Reading trusts nothing.
/// </summary>
internal static unsafe class FilterPostings
{
    private const byte Gaps = 0;
    private const byte Bits = 1;
    private const byte All = 2;
    private const int MaxGap = 5;

    /// <param name="rows">Strictly ascending, at least one.</param>
    /// <param name="total">Every row is below.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ReadOnlySpan<uint> rows, uint total, ArrayBufferWriter<byte> output)
    {
        if ((uint)rows.Length == total)
        {
            output.Write([All]);
            return;
        }

        var gaps = 0L;
        var next = 0u;
        foreach (var row in rows)
        {
            gaps += GapSize(row - next);
            next = row + 1;
        }

        var bits = ((long)total + 7) / 8;
        if (bits < gaps)
        {
            WriteBits(rows, (int)bits, output);
        }
        else
        {
            WriteGaps(rows, output);
        }
    }

    /// <summary>Adds the rows to a set, a bit each.</summary>
    /// <exception cref="InvalidDataException">They are not <paramref name="count"/> rows below <paramref name="total"/>.</exception>
    public static void Add(byte* data, long length, uint count, uint total, Span<ulong> words)
    {
        switch (length > 0 ? *data : byte.MaxValue)
        {
            case Gaps:
                var gaps = new GapReader(data + 1, length - 1, total);
                for (var i = 0u; i < count; i++)
                {
                    RowBits.Add(words, gaps.Next());
                }

                break;
            case Bits when length - 1 == ((long)total + 7) / 8:
                AddBits(data + 1, length - 1, count, total, words);
                break;
            case All when count == total:
                RowBits.Fill(words, total);
                break;
            default:
                throw FilterImageFormat.Damaged();
        }
    }

    /// <summary>Reads the rows, ascending.</summary>
    /// <param name="rows">As many as there are.</param>
    /// <exception cref="InvalidDataException">They are not as many rows below <paramref name="total"/>.</exception>
    public static void Read(byte* data, long length, uint total, Span<uint> rows)
    {
        switch (length > 0 ? *data : byte.MaxValue)
        {
            case Gaps:
                var gaps = new GapReader(data + 1, length - 1, total);
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = gaps.Next();
                }

                break;
            case Bits when length - 1 == ((long)total + 7) / 8:
                ReadBits(data + 1, length - 1, total, rows);
                break;
            case All when (uint)rows.Length == total:
                for (var i = 0; i < rows.Length; i++)
                {
                    rows[i] = (uint)i;
                }

                break;
            default:
                throw FilterImageFormat.Damaged();
        }
    }

    private static int GapSize(uint gap) => gap == 0 ? 1 : (38 - BitOperations.LeadingZeroCount(gap)) / 7;

    private static void WriteBits(ReadOnlySpan<uint> rows, int bytes, ArrayBufferWriter<byte> output)
    {
        var span = output.GetSpan(bytes + 1)[..(bytes + 1)];
        span.Clear();
        span[0] = Bits;
        foreach (var row in rows)
        {
            span[1 + (int)(row >> 3)] |= (byte)(1 << (int)(row & 7));
        }

        output.Advance(bytes + 1);
    }

    private static void WriteGaps(ReadOnlySpan<uint> rows, ArrayBufferWriter<byte> output)
    {
        output.Write([Gaps]);
        var next = 0u;
        while (!rows.IsEmpty)
        {
            var batch = rows[..Math.Min(rows.Length, 4096)];
            var span = output.GetSpan(batch.Length * MaxGap);
            var at = 0;
            foreach (var row in batch)
            {
                var gap = row - next;
                for (; gap >= 0x80; gap >>= 7)
                {
                    span[at++] = (byte)(gap | 0x80);
                }

                span[at++] = (byte)gap;
                next = row + 1;
            }

            output.Advance(at);
            rows = rows[batch.Length..];
        }
    }

    private static void AddBits(byte* data, long length, uint count, uint total, Span<ulong> words)
    {
        long found = 0;
        for (var i = 0; i < words.Length; i++)
        {
            var word = Word(data, length, i, total);
            found += BitOperations.PopCount(word);
            words[i] |= word;
        }

        if (found != count)
        {
            throw FilterImageFormat.Damaged();
        }
    }

    private static void ReadBits(byte* data, long length, uint total, Span<uint> rows)
    {
        var at = 0;
        for (var i = 0; i < RowBits.Words(total); i++)
        {
            for (var word = Word(data, length, i, total); word != 0; word &= word - 1)
            {
                if (at == rows.Length)
                {
                    throw FilterImageFormat.Damaged();
                }

                rows[at++] = ((uint)i * 64) + (uint)BitOperations.TrailingZeroCount(word);
            }
        }

        if (at != rows.Length)
        {
            throw FilterImageFormat.Damaged();
        }
    }

    private static ulong Word(byte* data, long length, int number, uint total)
    {
        var at = (long)number * sizeof(ulong);
        if (at + sizeof(ulong) <= length)
        {
            var whole = Unsafe.ReadUnaligned<ulong>(data + at);
            return ((ulong)number * 64) + 64 <= total || whole >> (int)(total & 63) == 0 ? whole : throw FilterImageFormat.Damaged();
        }

        Span<byte> last = stackalloc byte[sizeof(ulong)];
        last.Clear();
        new ReadOnlySpan<byte>(data + at, (int)(length - at)).CopyTo(last);
        var word = BinaryPrimitives.ReadUInt64LittleEndian(last);
        return word >> (int)(total & 63) == 0 ? word : throw FilterImageFormat.Damaged();
    }

    private struct GapReader(byte* data, long length, uint total)
    {
        private readonly byte* _end = data + length;
        private byte* _at = data;
        private ulong _next;

        public uint Next()
        {
            ulong gap = 0;
            for (var shift = 0; shift < MaxGap * 7; shift += 7)
            {
                if (_at >= _end)
                {
                    break;
                }

                var part = *_at++;
                gap |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80)
                {
                    var row = _next + gap;
                    _next = row + 1;
                    return row < total ? (uint)row : throw FilterImageFormat.Damaged();
                }
            }

            throw FilterImageFormat.Damaged();
        }
    }
}
