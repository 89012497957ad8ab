using System.Globalization;

namespace Sutra.Api.Understanding;

internal enum TimePrecision
{
    Day,
    Week,
    Month,
    Quarter,
    HalfYear,
    Year,

    /// <summary>Between two of the others, or with an open end.</summary>
    Range,
}

/// <summary>Days that a question names.</summary>
/// <param name="From">The first day; the smallest there is when the beginning is open.</param>
/// <param name="Until">The day after the last one; the greatest there is when the end is open.</param>
internal sealed record TimeRange(DateOnly From, DateOnly Until, TimePrecision Precision)
{
    /// <summary>The year was not said and is a guess.</summary>
    public bool IsAssumed { get; init; }

    /// <summary>The first and the last token that say so.</summary>
    public int FirstToken { get; init; }

    public int LastToken { get; init; }

    public static TimeRange Day(DateOnly day) => new(day, day.AddDays(1), TimePrecision.Day);

    public static TimeRange Months(int year, int month, int count, TimePrecision precision)
    {
        var from = new DateOnly(year, month, 1);
        return new TimeRange(from, from.AddMonths(count), precision);
    }

    /// <summary>As part of a sentence: <c>on 2024-03-14</c>, <c>in March 2024</c>, <c>from 2024-03-01 to 2024-03-17</c>.</summary>
    public string InWords() => Precision switch
    {
        TimePrecision.Day => $"on {Iso(From)}",
        TimePrecision.Month => string.Create(CultureInfo.InvariantCulture, $"in {From:MMMM yyyy}"),
        TimePrecision.Quarter => string.Create(CultureInfo.InvariantCulture, $"in Q{((From.Month - 1) / 3) + 1} {From.Year}"),
        TimePrecision.HalfYear => string.Create(CultureInfo.InvariantCulture, $"in the {(From.Month == 1 ? "first" : "second")} half of {From.Year}"),
        TimePrecision.Year => string.Create(CultureInfo.InvariantCulture, $"in {From.Year}"),
        _ when From == DateOnly.MinValue => $"until {Iso(Until.AddDays(-1))}",
        _ when Until == DateOnly.MaxValue => $"since {Iso(From)}",
        _ => $"from {Iso(From)} to {Iso(Until.AddDays(-1))}",
    };

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
