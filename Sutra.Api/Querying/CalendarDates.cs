using System.Globalization;

namespace Sutra.Api.Querying;

/// <summary>Dates as people write them, made one: <c>2025-03-14</c>, a month <c>2025-03</c>.</summary>
internal static class CalendarDates
{
    private static readonly Dictionary<string, int> s_months = MonthNames();

    public static int? Month(string lowerCaseWord) => s_months.TryGetValue(lowerCaseWord, out var month) ? month : null;

    /// <summary>The term of a day, or null when there is no such day.</summary>
    public static string? Day(int year, int month, int day) =>
        year is >= 1000 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{month:D2}-{day:D2}")
            : null;

    public static string MonthOf(int year, int month) => string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{month:D2}");

    /// <summary>A day or month in the other form that texts have it in: <c>2025-03-14</c> → <c>14 March 2025</c>; null for anything else.</summary>
    public static string? InWords(string term) =>
        DateOnly.TryParseExact(term, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)
            : DateOnly.TryParseExact(term, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month)
                ? month.ToString("MMMM yyyy", CultureInfo.InvariantCulture)
                : null;

    private static Dictionary<string, int> MonthNames()
    {
        var months = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;
        for (var i = 0; i < 12; i++)
        {
            var name = names[i].ToLowerInvariant();
            months[name] = i + 1;
            months[name[..3]] = i + 1;
        }

        months["sept"] = 9;
        return months;
    }
}
