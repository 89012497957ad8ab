using System.Numerics;
using System.Numerics.Tensors;

namespace Sutra.Storage.Filtering;

/// <summary>Sets of rows, a bit each in words of 64.</summary>
internal static class RowBits
{
    public static int Words(uint rows) => (int)(((ulong)rows + 63) / 64);

    public static bool Contains(ReadOnlySpan<ulong> words, uint row) => (words[(int)(row >> 6)] >> (int)(row & 63) & 1) != 0;

    public static void Add(Span<ulong> words, uint row) => words[(int)(row >> 6)] |= 1UL << (int)(row & 63);

    /// <summary>All rows below <paramref name="rows"/>.</summary>
    public static void Fill(Span<ulong> words, uint rows)
    {
        words.Fill(ulong.MaxValue);
        Trim(words, rows);
    }

    public static void And(Span<ulong> words, ReadOnlySpan<ulong> others) => TensorPrimitives.BitwiseAnd(words, others, words);

    public static void Or(Span<ulong> words, ReadOnlySpan<ulong> others) => TensorPrimitives.BitwiseOr(words, others, words);

    public static void Not(Span<ulong> words, uint rows)
    {
        TensorPrimitives.OnesComplement<ulong>(words, words);
        Trim(words, rows);
    }

    public static long Count(ReadOnlySpan<ulong> words)
    {
        long count = 0;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    /// <summary>The rows of a set, ascending.</summary>
    public static IEnumerable<uint> Rows(ulong[] words)
    {
        for (var at = 0; at < words.Length; at++)
        {
            for (var word = words[at]; word != 0; word &= word - 1)
            {
                yield return ((uint)at * 64) + (uint)BitOperations.TrailingZeroCount(word);
            }
        }
    }

    private static void Trim(Span<ulong> words, uint rows)
    {
        if ((rows & 63) != 0)
        {
            words[^1] &= (1UL << (int)(rows & 63)) - 1;
        }
    }
}
