using System.Globalization;

namespace Sutra.Embedder.Tokenization.Files;

/// <summary>
/// Numbers as serde_json reads them, which the reference is built on: digits as an integer, then one multiplication or division
/// by a power of ten. The last bit may differ from the nearest double, and scores that nearly tie are decided by it.
/// </summary>
internal static class JsonScore
{
    public static double Parse(string text)
    {
        var at = text.StartsWith('-') ? 1 : 0;
        ulong significand = 0;
        var exponent = 0;
        var fraction = false;
        var full = false;
        for (; at < text.Length && text[at] is '.' or (>= '0' and <= '9'); at++)
        {
            if (text[at] == '.')
            {
                fraction = true;
                continue;
            }

            var digit = (ulong)(text[at] - '0');
            full |= significand > (ulong.MaxValue - digit) / 10;
            if (!full)
            {
                significand = (significand * 10) + digit;
            }

            // A digit too many is dropped: before the point it still counts as a place.
            exponent += full ? (fraction ? 0 : 1) : (fraction ? -1 : 0);
        }

        if (at < text.Length)
        {
            if (!int.TryParse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var written) || Math.Abs((long)written) > 10_000)
            {
                return double.NaN;
            }

            exponent += written;
        }

        var value = Scale(significand, exponent);
        return text.StartsWith('-') ? -value : value;
    }

    private static double Scale(double value, int exponent)
    {
        while (value != 0 && exponent < -308)
        {
            value /= 1e308;
            exponent += 308;
        }

        return value == 0 || exponent > 308 ? (value == 0 ? 0 : double.NaN) : exponent >= 0 ? value * PowerOfTen(exponent) : value / PowerOfTen(-exponent);
    }

    private static double PowerOfTen(int exponent) => double.Parse($"1e{exponent}", CultureInfo.InvariantCulture);
}
