using System.Globalization;

namespace Sutra.Storage.Filtering;

/// <summary>Numbers and times as 64 bits whose order is theirs.</summary>
internal static class SortKey
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
    private const ulong Sign = 1UL << 63;
    private const int TicksDigits = 7;

    /// <summary>
    /// The nearest float64 of a decimal number: digits, perhaps with a sign, a point and an exponent. -0 is 0; what is beyond all finite numbers is none.
    /// </summary>
    public static bool TryNumber(ReadOnlySpan<byte> utf8, out ulong key)
    {
        key = 0;

        // The parser takes more: names of infinity, and zeros at the end that end texts in C.
        if (utf8.ContainsAnyExcept("0123456789+-.eE"u8)
            || !double.TryParse(utf8, Style, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            return false;
        }

        var bits = BitConverter.DoubleToUInt64Bits(number == 0 ? 0 : number);
        key = (bits & Sign) == 0 ? bits | Sign : ~bits;
        return true;
    }

    /// <summary>
    /// The moment that an ISO 8601 date (yyyy-MM-dd: midnight) or date-time (…THH:mm, :ss, fraction, Z or ±HH:mm; without either, UTC) names, in
    /// units of 100 ns; further digits of a fraction do not count.
    /// </summary>
    public static bool TryTime(ReadOnlySpan<byte> utf8, out ulong key)
    {
        key = 0;
        if (utf8.Length < 10 || utf8[4] != '-' || utf8[7] != '-'
            || !Digits(utf8[..4], 1, 9999, out var year) || !Digits(utf8.Slice(5, 2), 1, 12, out var month)
            || !Digits(utf8.Slice(8, 2), 1, DateTime.DaysInMonth(year, month), out var day))
        {
            return false;
        }

        var ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks;
        if (utf8.Length > 10 && !AddTime(utf8[10..], ref ticks))
        {
            return false;
        }

        key = OfTicks(ticks);
        return true;
    }

    /// <summary>Of a stored moment, ms since 1970 UTC.</summary>
    public static ulong OfMilliseconds(long milliseconds)
    {
        const long Most = long.MaxValue / TimeSpan.TicksPerMillisecond / 2;
        return OfTicks(DateTime.UnixEpoch.Ticks + (Math.Clamp(milliseconds, -Most, Most) * TimeSpan.TicksPerMillisecond));
    }

    /// <summary>The number of a key that <see cref="TryNumber"/> gave.</summary>
    public static double ToNumber(ulong key) => BitConverter.UInt64BitsToDouble((key & Sign) != 0 ? key ^ Sign : ~key);

    /// <summary>Of a key that <see cref="TryTime"/> gave: ms since 1970 UTC, begun ones not counted.</summary>
    public static long ToMilliseconds(ulong key) => (long)Math.Floor(((long)(key ^ Sign) - DateTime.UnixEpoch.Ticks) / (decimal)TimeSpan.TicksPerMillisecond);

    private static ulong OfTicks(long ticks) => (ulong)ticks ^ Sign;

    private static bool AddTime(ReadOnlySpan<byte> rest, ref long ticks)
    {
        if (rest.Length < 6 || rest[0] != 'T' || rest[3] != ':' || !Digits(rest.Slice(1, 2), 0, 23, out var hour) || !Digits(rest.Slice(4, 2), 0, 59, out var minute))
        {
            return false;
        }

        ticks += (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        rest = rest[6..];
        if (rest is [(byte)':', ..])
        {
            if (rest.Length < 3 || !Digits(rest.Slice(1, 2), 0, 59, out var second))
            {
                return false;
            }

            ticks += second * TimeSpan.TicksPerSecond;
            rest = rest[3..];
            if (rest is [(byte)'.' or (byte)',', ..] && !AddFraction(ref rest, ref ticks))
            {
                return false;
            }
        }

        return rest is [] or [(byte)'Z'] || AddOffset(rest, ref ticks);
    }

    private static bool AddFraction(ref ReadOnlySpan<byte> rest, ref long ticks)
    {
        rest = rest[1..];
        var digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 0 and var end ? end : rest.Length;
        var unit = TimeSpan.TicksPerSecond;
        for (var i = 0; i < Math.Min(digits, TicksDigits); i++)
        {
            unit /= 10;
            ticks += (rest[i] - '0') * unit;
        }

        rest = rest[digits..];
        return digits > 0;
    }

    // ±HH:mm, ±HHmm, ±HH.
    private static bool AddOffset(ReadOnlySpan<byte> rest, ref long ticks)
    {
        if (rest.Length < 3 || rest[0] is not ((byte)'+' or (byte)'-') || !Digits(rest.Slice(1, 2), 0, 23, out var hours))
        {
            return false;
        }

        var minutes = 0;
        var after = rest[3..];
        after = after is [(byte)':', _, _] ? after[1..] : after;
        if (!after.IsEmpty && (after.Length != 2 || !Digits(after, 0, 59, out minutes)))
        {
            return false;
        }

        var offset = (hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute);
        ticks -= rest[0] == '+' ? offset : -offset;
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> utf8, int minimum, int maximum, out int number)
    {
        number = 0;
        foreach (var digit in utf8)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return number >= minimum && number <= maximum;
    }
}
