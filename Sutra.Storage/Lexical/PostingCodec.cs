using System.Numerics;
using System.Runtime.CompilerServices;

namespace Sutra.Storage.Lexical;

/// <summary>
/// Postings as bytes. A whole block of 128: the widths of gaps and frequencies, then both bit-packed, each less one (frame of reference
/// over gaps, as in Lemire and Boytsov, "Decoding billions of integers per second", 2015, in the plain order of bits). Fewer: per posting
/// a variable-length number, gap · 2 + (frequency is 1), and the frequency if it is not.
/// </summary>
internal static unsafe class PostingCodec
{
    private const int Block = LexicalImageFormat.BlockSize;

    /// <summary>The most that a block takes.</summary>
    public const int MaxBlockBytes = 2 + 2 * 32 * Block / 8 + sizeof(ulong);

    /// <summary>Writes a block; returns its bytes. <paramref name="output"/> has room for <see cref="MaxBlockBytes"/>.</summary>
    /// <param name="postings">Row in the upper half, frequency in the lower.</param>
    /// <param name="next">The lowest row that the first may be.</param>
    /// <param name="output">Where to.</param>
    public static int Encode(ReadOnlySpan<ulong> postings, uint next, Span<byte> output)
    {
        return postings.Length == Block ? Pack(postings, next, output) : WriteNumbers(postings, next, output);
    }

    /// <summary>Reads a block of <paramref name="count"/> postings.</summary>
    /// <param name="data">The block. Eight bytes beyond its end can be read.</param>
    /// <param name="length">Bytes that it may take.</param>
    /// <param name="count">128, or fewer of a last block.</param>
    /// <param name="next">The lowest row that the first may be.</param>
    /// <param name="limit">Every row is below.</param>
    /// <param name="rows">Takes the rows, strictly ascending.</param>
    /// <param name="frequencies">Takes the frequencies.</param>
    /// <exception cref="InvalidDataException">It goes beyond its end, or names rows that are not.</exception>
    public static void Decode(byte* data, long length, int count, uint next, uint limit, uint* rows, uint* frequencies)
    {
        var last = count == Block ? Unpack(data, length, next, rows, frequencies) : ReadNumbers(data, length, count, next, rows, frequencies);
        if (last >= limit)
        {
            throw Damaged();
        }
    }

    public static InvalidDataException Damaged() => new("The image of the lexical index is damaged.");

    private static int Pack(ReadOnlySpan<ulong> postings, uint next, Span<byte> output)
    {
        Span<uint> gaps = stackalloc uint[Block];
        Span<uint> frequencies = stackalloc uint[Block];
        uint allGaps = 0, allFrequencies = 0;
        for (var i = 0; i < Block; i++)
        {
            var row = (uint)(postings[i] >> 32);
            gaps[i] = row - next;
            frequencies[i] = (uint)postings[i] - 1;
            next = row + 1;
            allGaps |= gaps[i];
            allFrequencies |= frequencies[i];
        }

        var (gapBits, frequencyBits) = (32 - BitOperations.LeadingZeroCount(allGaps), 32 - BitOperations.LeadingZeroCount(allFrequencies));
        output[..MaxBlockBytes].Clear();
        output[0] = (byte)gapBits;
        output[1] = (byte)frequencyBits;
        PackBits(gaps, gapBits, output[2..]);
        PackBits(frequencies, frequencyBits, output[(2 + gapBits * Block / 8)..]);
        return 2 + (gapBits + frequencyBits) * Block / 8;
    }

    private static void PackBits(ReadOnlySpan<uint> values, int bits, Span<byte> output)
    {
        for (var i = 0; i < Block; i++)
        {
            var at = i * bits;
            ref var word = ref output[at >> 3];
            Unsafe.WriteUnaligned(ref word, Unsafe.ReadUnaligned<ulong>(ref word) | ((ulong)values[i] << (at & 7)));
        }
    }

    // The sum is kept in 64 bits: if the last row is in range, all before it are.
    private static ulong Unpack(byte* data, long length, uint next, uint* rows, uint* frequencies)
    {
        if (length < 2)
        {
            throw Damaged();
        }

        int gapBits = data[0], frequencyBits = data[1];
        if (gapBits > 32 || frequencyBits > 32 || length < 2 + (gapBits + frequencyBits) * Block / 8)
        {
            throw Damaged();
        }

        data += 2;
        ulong row = next;
        var mask = (1UL << gapBits) - 1;
        for (int i = 0, at = 0; i < Block; i++, at += gapBits)
        {
            row += (Unsafe.ReadUnaligned<ulong>(data + (at >> 3)) >> (at & 7)) & mask;
            rows[i] = (uint)row++;
        }

        data += gapBits * Block / 8;
        mask = (1UL << frequencyBits) - 1;
        for (int i = 0, at = 0; i < Block; i++, at += frequencyBits)
        {
            frequencies[i] = (uint)((Unsafe.ReadUnaligned<ulong>(data + (at >> 3)) >> (at & 7)) & mask) + 1;
        }

        return row - 1;
    }

    private static int WriteNumbers(ReadOnlySpan<ulong> postings, uint next, Span<byte> output)
    {
        var at = 0;
        foreach (var posting in postings)
        {
            var (row, frequency) = ((uint)(posting >> 32), (uint)posting);
            at += WriteNumber(((ulong)(row - next) << 1) | (frequency == 1 ? 1u : 0), output[at..]);
            at += frequency == 1 ? 0 : WriteNumber(frequency, output[at..]);
            next = row + 1;
        }

        return at;
    }

    private static ulong ReadNumbers(byte* data, long length, int count, uint next, uint* rows, uint* frequencies)
    {
        var bytes = new NumberReader(data, length);
        ulong row = next;
        for (var i = 0; i < count; i++)
        {
            var number = bytes.Read();
            row += number >> 1;
            if (row > uint.MaxValue)
            {
                throw Damaged();
            }

            rows[i] = (uint)row++;
            frequencies[i] = (number & 1) != 0 ? 1 : (uint)bytes.Read();
        }

        return row - 1;
    }

    /// <summary>Seven bits a byte, the lowest first; the last byte has its highest bit clear.</summary>
    public static int WriteNumber(ulong number, Span<byte> output)
    {
        var at = 0;
        for (; number >= 0x80; number >>= 7)
        {
            output[at++] = (byte)(number | 0x80);
        }

        output[at++] = (byte)number;
        return at;
    }
}

/// <summary>Reads numbers and bytes, and not beyond an end.</summary>
internal unsafe struct NumberReader(byte* data, long length)
{
    private byte* _at = data;
    private readonly byte* _end = data + length;

    /// <summary>At most ten bytes.</summary>
    /// <exception cref="InvalidDataException">There is no whole number.</exception>
    public ulong Read()
    {
        ulong number = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at >= _end)
            {
                break;
            }

            var next = *_at++;
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw PostingCodec.Damaged();
    }

    public byte ReadByte() => _at < _end ? *_at++ : throw PostingCodec.Damaged();

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > _end - _at)
        {
            throw PostingCodec.Damaged();
        }

        var bytes = new ReadOnlySpan<byte>(_at, count);
        _at += count;
        return bytes;
    }
}
