using System.Numerics;

namespace Sutra.Storage.Lexical;

/// <summary>
/// Numbers in a byte: 0 to 31 exactly, above that a float of three bits of fraction, so that a length is at most an eighth too short
/// (the idea of Lucene's norms). Order is kept.
/// </summary>
internal static class LengthCode
{
    private const int Exact = 32;
    private const int ExactBits = 5;
    private const int FractionBits = 3;
    private const byte Last = Exact + (31 - ExactBits) * (1 << FractionBits) + 7;

    private static readonly uint[] Values = [.. Enumerable.Range(0, 256).Select(code => Value(Math.Min(code, Last)))];

    /// <summary>The largest code whose value is not above the number.</summary>
    public static byte Floor(uint number)
    {
        if (number < Exact)
        {
            return (byte)number;
        }

        var exponent = BitOperations.Log2(number);
        return (byte)(Exact + ((exponent - ExactBits) << FractionBits) + (int)((number >> (exponent - FractionBits)) & 7));
    }

    /// <summary>The smallest code whose value is not below the number, or the last.</summary>
    public static byte Ceiling(uint number)
    {
        var code = Floor(number);
        return Values[code] < number && code < Last ? (byte)(code + 1) : code;
    }

    /// <summary>What a code stands for.</summary>
    public static uint Decode(byte code) => Values[code];

    private static uint Value(int code)
    {
        if (code < Exact)
        {
            return (uint)code;
        }

        var exponent = ((code - Exact) >> FractionBits) + ExactBits;
        return (uint)(8 + ((code - Exact) & 7)) << (exponent - FractionBits);
    }
}
