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
