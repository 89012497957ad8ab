using System.Globalization;
using System.Text.RegularExpressions;
using Sutra.Api.Querying;

namespace Sutra.Api.Understanding;

/// <summary>
/// Finds the days, weeks, months, quarters, halves and years of a question, however they are written in English or as numbers, and ranges of them. With slashes the
/// month comes first (3/14/2024) unless it cannot; with dots the day does (14.3.2024).
/// </summary>
/// <param name="today">What "last month" is counted from.</param>
/// <param name="newest">The latest day that the data have: a month without a year is the latest one up to then. Null: it is not taken for a time.</param>
internal sealed partial class TimeExpressions(string text, IReadOnlyList<Token> tokens, DateOnly today, DateOnly? newest)
{
    private static readonly string[] s_ordinals = ["first", "second", "third", "fourth", "fifth"];

    private readonly List<(int Start, int End, TimeRange Range)> _numeric = [];

    /// <summary>In the question's order; those that make a range together are one.</summary>
    public IReadOnlyList<TimeRange> Find()
    {
        ReadNumeric();
        var points = new List<Point>();
        for (var i = 0; i < tokens.Count;)
        {
            if (Read(i) is { } point)
            {
                points.Add(point);
                i = point.Last + 1;
            }
            else
            {
                i++;
            }
        }

        Complete(points);
        return Join([.. points.Where(point => point.Range is not null)]);
    }

    /// <summary>Dates of three numbers and months of two, which the scanner's tokens take apart.</summary>
    private void ReadNumeric()
    {
        foreach (Match match in ThreeNumbers().Matches(text))
        {
            var (a, b, year) = (Number(match, "a"), Number(match, "b"), Number(match, "year"));
            var dayFirst = match.Groups["mark"].ValueSpan[0] == '/' ? a > 12 : b <= 12;
            if (CalendarDates.Day(year, dayFirst ? b : a, dayFirst ? a : b) is not null)
            {
                _numeric.Add((match.Index, match.Index + match.Length, TimeRange.Day(new DateOnly(year, dayFirst ? b : a, dayFirst ? a : b))));
            }
        }

        foreach (Match match in YearAndMonth().Matches(text))
        {
            var (year, month) = (Number(match, "year"), Number(match, "month"));
            if (month is >= 1 and <= 12 && !_numeric.Any(known => known.Start < match.Index + match.Length && match.Index < known.End))
            {
                _numeric.Add((match.Index, match.Index + match.Length, TimeRange.Months(year, month, 1, TimePrecision.Month)));
            }
        }
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    private Point? Read(int at)
    {
        if (tokens[at].Kind == TokenKind.Date)
        {
            return new Point(at, at, TimeRange.Day(DateOnly.ParseExact(tokens[at].Text, "yyyy-MM-dd", CultureInfo.InvariantCulture)));
        }

        foreach (var (start, end, range) in _numeric)
        {
            if (tokens[at].Start >= start && tokens[at].Start < end)
            {
                var last = at;
                while (last + 1 < tokens.Count && tokens[last + 1].Start < end)
                {
                    last++;
                }

                return new Point(at, last, range);
            }
        }

        return Relative(at) ?? Part(at) ?? WeekOf(at) ?? DayOrMonth(at) ?? Year(at);
    }

    /// <summary>today, tomorrow, last month, next year.</summary>
    private Point? Relative(int at)
    {
        switch (Word(at))
        {
            case "today":
                return new Point(at, at, TimeRange.Day(today));
            case "yesterday":
                return new Point(at, at, TimeRange.Day(today.AddDays(-1)));
            case "tomorrow":
                return new Point(at, at, TimeRange.Day(today.AddDays(1)));
        }

        int? step = Word(at) switch { "last" or "previous" => -1, "this" or "current" => 0, "next" => 1, _ => null };
        if (step is not { } by)
        {
            return null;
        }

        var month = new DateOnly(today.Year, today.Month, 1);
        TimeRange? range = Word(at + 1) switch
        {
            "week" => Week(today.AddDays(7 * by)),
            "month" => TimeRange.Months(month.AddMonths(by).Year, month.AddMonths(by).Month, 1, TimePrecision.Month),
            "quarter" => Quarter(month.AddMonths(3 * by).Year, ((month.AddMonths(3 * by).Month - 1) / 3) + 1),
            "year" => TimeRange.Months(today.Year + by, 1, 12, TimePrecision.Year),
            _ => null,
        };

        // "last week of March" is not about today.
        return range is null || (Word(at + 2) is "of" or "in") ? null : new Point(at, at + 1, range);
    }

    /// <summary>Q1 2024 · 2024 Q1 · first quarter of 2024 · H2 2024 · second half of 2024.</summary>
    private Point? Part(int at)
    {
        if (tokens[at] is { Kind: TokenKind.Number } && YearOf(at) is { } before && PartOf(at + 1, out var length) is { } part)
        {
            return new Point(at, at + length, part(before));
        }

        if (PartOf(at, out length) is { } first)
        {
            var next = at + length;
            next += Word(next) is "of" or "in" ? 1 : 0;
            next += Word(next) is "the" ? 1 : 0;
            next += Word(next) is "year" ? 1 : 0;
            return YearOf(next) is { } year
                ? new Point(at, next, first(year))
                : new Point(at, at + length - 1, null) { OfYear = first };
        }

        return null;
    }

    private Func<int, TimeRange>? PartOf(int at, out int length)
    {
        length = 1;
        if (at >= tokens.Count)
        {
            return null;
        }

        if (tokens[at].Kind == TokenKind.Code && tokens[at].Text is [var letter, var digit])
        {
            return (char.ToLowerInvariant(letter), digit - '0') switch
            {
                ('q', >= 1 and <= 4) => year => Quarter(year, digit - '0'),
                ('h', 1 or 2) => year => Half(year, digit - '0'),
                _ => null,
            };
        }

        length = 2;
        var ordinal = Ordinal(at);
        return (ordinal, Word(at + 1)) switch
        {
            ( >= 1 and <= 4, "quarter") => year => Quarter(year, ordinal.Value),
            (1 or 2, "half") => year => Half(year, ordinal.Value),
            _ => null,
        };
    }

    /// <summary>the week of 11 March 2024 · the first week of March 2024.</summary>
    private Point? WeekOf(int at)
    {
        if (Word(at) == "week" && Word(at + 1) is "of" or "from" or "beginning" or "starting")
        {
            var day = at + 2 + (Word(at + 2) == "the" ? 1 : 0);
            if (day < tokens.Count && Read(day) is { Range.Precision: TimePrecision.Day } point)
            {
                return new Point(at, point.Last, Week(point.Range!.From));
            }
        }

        var which = Word(at) == "last" ? -1 : Ordinal(at) ?? 0;
        if (which == 0 || Word(at + 1) != "week" || Word(at + 2) is not ("of" or "in") || at + 3 >= tokens.Count
            || Read(at + 3) is not { Range.Precision: TimePrecision.Month } month)
        {
            return null;
        }

        var (from, until) = (month.Range!.From, month.Range.Until);
        from = which < 0 ? until.AddDays(-7) : from.AddDays(7 * (which - 1));
        return from >= until ? null : new Point(at, month.Last, new TimeRange(from, from.AddDays(7) < until ? from.AddDays(7) : until, TimePrecision.Week));
    }

    /// <summary>14 March 2025 · 14th of March, 2025 · March 14, 2025 · March 2025 · 14 March · March.</summary>
    private Point? DayOrMonth(int at)
    {
        var next = at;
        var day = Small(next);
        if (day is not null)
        {
            next++;
            next += Word(next) == "of" ? 1 : 0;
        }

        if (Word(next) is not { } name || CalendarDates.Month(name) is not { } month)
        {
            // "3 to 17 March 2024": the month comes with the other end.
            return day is >= 1 and <= 31 && Word(at + 1) is "to" or "until" or "through" or "till" or "and" && DayOrMonth(at + 2) is { } other && (other.Day is not null || other.Range?.Precision == TimePrecision.Day)
                ? new Point(at, at, null) { Day = day }
                : null;
        }

        // "may" and "march" are words, too.
        var isSure = day is not null || char.IsUpper(tokens[next].Text[0]) || YearOf(next + 1) is not null || name is not ("may" or "march" or "mar" or "sun");
        next++;
        if (day is null && Small(next) is { } after && (next + 1 >= tokens.Count || YearOf(next) is null))
        {
            day = after;
            next++;
        }

        var year = YearOf(next);
        if (year is null && Word(next) is "of" or "in" && YearOf(next + 1) is { } later)
        {
            (year, next) = (later, next + 1);
        }

        if (year is null)
        {
            return isSure && (day is null || day <= 31) ? new Point(at, next - 1, null) { Month = month, Day = day } : null;
        }

        return day is null
            ? new Point(at, next, TimeRange.Months(year.Value, month, 1, TimePrecision.Month))
            : CalendarDates.Day(year.Value, month, day.Value) is null
                ? null
                : new Point(at, next, TimeRange.Day(new DateOnly(year.Value, month, day.Value)));
    }

    private Point? Year(int at) =>
        YearOf(at) is { } year ? new Point(at, at, TimeRange.Months(year, 1, 12, TimePrecision.Year)) : null;

    /// <summary>Gives those that lack month or year those of the one after, else of the one before, else of the newest data.</summary>
    private void Complete(List<Point> points)
    {
        for (var i = points.Count - 1; i >= 0; i--)
        {
            var point = points[i];
            if (point.Range is not null)
            {
                continue;
            }

            var known = points.Skip(i + 1).Select(other => other.Range).FirstOrDefault(range => range is not null)
                ?? points.Take(i).LastOrDefault(other => other.Range is not null)?.Range;
            var month = point.Month ?? known?.From.Month ?? 0;
            if (known is not null || newest is not null)
            {
                var year = known?.From.Year ?? newest!.Value.Year;
                var range = point.InYear(year, month);
                if (known is null && range?.From > newest)
                {
                    range = point.InYear(year - 1, month);
                }

                points[i] = point with { Range = range is null ? null : range with { IsAssumed = known is null } };
            }
        }
    }

    private List<TimeRange> Join(List<Point> points)
    {
        var ranges = new List<TimeRange>();
        for (var i = 0; i < points.Count; i++)
        {
            var (first, last) = (points[i].First, points[i].Last);
            var range = points[i].Range!;
            if (i + 1 < points.Count && AreOne(points[i], points[i + 1]) && points[i + 1].Range!.Until > range.From)
            {
                range = new TimeRange(range.From, points[i + 1].Range!.Until, TimePrecision.Range) { IsAssumed = range.IsAssumed };
                last = points[++i].Last;
            }
            else
            {
                range = Open(first, range);
            }

            ranges.Add(range with { FirstToken = first, LastToken = last });
        }

        return ranges;
    }

    private bool AreOne(Point one, Point next)
    {
        var between = Enumerable.Range(one.Last + 1, next.First - one.Last - 1).Select(Word).Where(word => word is not ("the" or "end" or "start" or "beginning" or "of")).ToList();
        if (between.Count == 0)
        {
            var gap = text.AsSpan(tokens[one.Last].End, tokens[next.First].Start - tokens[one.Last].End).Trim();
            return gap is "-" or "–" or "—" or "..." or "…" or "..";
        }

        return between is ["to" or "until" or "till" or "through" or "thru"]
            || (between is ["and"] && Enumerable.Range(0, one.First).Any(i => Word(i) is "between"));
    }

    private TimeRange Open(int first, TimeRange range)
    {
        var before = first - 1;
        while (before >= 0 && Word(before) is "the" or "end" or "start" or "of" or "year" or "month")
        {
            before--;
        }

        return Word(before) switch
        {
            "since" => new TimeRange(range.From, DateOnly.MaxValue, TimePrecision.Range) { IsAssumed = range.IsAssumed },
            "after" => new TimeRange(range.Until, DateOnly.MaxValue, TimePrecision.Range) { IsAssumed = range.IsAssumed },
            "before" => new TimeRange(DateOnly.MinValue, range.From, TimePrecision.Range) { IsAssumed = range.IsAssumed },
            "until" or "till" => new TimeRange(DateOnly.MinValue, range.Until, TimePrecision.Range) { IsAssumed = range.IsAssumed },
            _ => range,
        };
    }

    private string? Word(int at) => at >= 0 && at < tokens.Count && tokens[at].Kind == TokenKind.Word ? tokens[at].Text.ToLowerInvariant() : null;

    private int? Small(int at) =>
        at < tokens.Count && tokens[at] is { Kind: TokenKind.Number, Text.Length: <= 2 } token ? int.Parse(token.Text, CultureInfo.InvariantCulture) : null;

    /// <summary>1st, first.</summary>
    private int? Ordinal(int at)
    {
        if (Word(at) is { } word)
        {
            return Array.IndexOf(s_ordinals, word) is >= 0 and var place ? place + 1 : null;
        }

        return at < tokens.Count && tokens[at].Kind == TokenKind.Number && tokens[at].End - tokens[at].Start == tokens[at].Text.Length + 2 ? Small(at) : null;
    }

    private int? YearOf(int at) =>
        at < tokens.Count && tokens[at] is { Kind: TokenKind.Number, Text.Length: 4 } token && token.End - token.Start == 4
        && int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 2100
            ? year
            : null;

    private static TimeRange Quarter(int year, int quarter) => TimeRange.Months(year, (3 * quarter) - 2, 3, TimePrecision.Quarter);

    private static TimeRange Half(int year, int half) => TimeRange.Months(year, (6 * half) - 5, 6, TimePrecision.HalfYear);

    private static TimeRange Week(DateOnly day)
    {
        var monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
        return new TimeRange(monday, monday.AddDays(7), TimePrecision.Week);
    }

    [GeneratedRegex(@"(?<![\d.,/-])(?<a>\d{1,2})(?<mark>[./-])(?<b>\d{1,2})\k<mark>(?<year>\d{4})(?!\d)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ThreeNumbers();

    [GeneratedRegex(@"(?<![\d.,/-])((?<year>(19|20)\d{2})[-/](?<month>\d{2})|(?<month>\d{2})/(?<year>(19|20)\d{2}))(?![\d/-])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex YearAndMonth();

    /// <param name="First">Token.</param>
    /// <param name="Last">Token.</param>
    /// <param name="Range">Null until year and month are known.</param>
    private sealed record Point(int First, int Last, TimeRange? Range)
    {
        public int? Month { get; init; }

        public int? Day { get; init; }

        public Func<int, TimeRange>? OfYear { get; init; }

        public TimeRange? InYear(int year, int month) =>
            OfYear is not null ? OfYear(year)
            : month is < 1 or > 12 ? null
            : Day is null ? TimeRange.Months(year, month, 1, TimePrecision.Month)
            : CalendarDates.Day(year, month, Day.Value) is null ? null
            : TimeRange.Day(new DateOnly(year, month, Day.Value));
    }
}
