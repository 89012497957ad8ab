using System.Globalization;

namespace Sutra.Examples.Finance;

/// <summary>
/// Questions by seed, six kinds, phrased in many ways. Companies are called by name or ticker, dates written as people write them.
/// </summary>
public sealed partial class FinanceQuestions
{
    private readonly Random _random;
    private readonly Dictionary<string, OhlcvRow[]> _companies;
    private readonly string[] _names;
    private readonly OhlcvRow[] _days;

    private FinanceQuestions(IReadOnlyList<OhlcvRow> rows, int seed)
    {
        _random = new Random(seed);
        _companies = rows.GroupBy(row => row.Company, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.OrderBy(row => row.Date).ToArray(), StringComparer.Ordinal);
        _names = [.. _companies.Keys.Order(StringComparer.Ordinal)];
        _days = _companies[_names[0]];
    }

    /// <summary>Shares of the kinds: value 30 %, unanswerable 17 %, each other about 13 %; one of twenty is of the phrasings that were written last.</summary>
    public static IReadOnlyList<FinanceQuestion> Generate(IReadOnlyList<OhlcvRow> rows, int seed, int count = 300)
    {
        var questions = new FinanceQuestions(rows, seed);
        var all = new List<FinanceQuestion>(count);
        for (var i = 0; i < count; i++)
        {
            var kind = (i % 30) switch { < 9 => QuestionKind.Value, < 13 => QuestionKind.Extreme, < 17 => QuestionKind.Comparison, < 21 => QuestionKind.Trend, < 25 => QuestionKind.Which, _ => QuestionKind.Unanswerable };
            all.Add(questions.Make(kind, isHeldOut: i % 20 == 7));
        }

        return all;
    }

    private FinanceQuestion Make(QuestionKind kind, bool isHeldOut)
    {
        var question = kind switch
        {
            QuestionKind.Value => Value(isHeldOut),
            QuestionKind.Extreme => Extreme(isHeldOut),
            QuestionKind.Comparison => Comparison(isHeldOut),
            QuestionKind.Trend => Trend(isHeldOut),
            QuestionKind.Which => Which(isHeldOut),
            _ => Unanswerable(isHeldOut),
        };
        return question with { IsHeldOut = isHeldOut };
    }

    private FinanceQuestion Value(bool isHeldOut)
    {
        var row = Row();
        var measure = Pick(Measures);
        var text = Fill(Pick(isHeldOut ? HeldOutValues[measure.Field] : Values[measure.Field]), row.Company, Date(row.Date));
        return new FinanceQuestion(text, QuestionKind.Value, [measure.Text(row)], row) { Value = (measure.Field, measure.Raw(row)) };
    }

    private FinanceQuestion Extreme(bool isHeldOut)
    {
        var (rows, period) = Period(Pick(_names));
        var (text, measure, isMaximum, wantsDay) = Pick(isHeldOut ? HeldOutExtremes : Extremes);
        var of = Measures.First(one => one.Field == measure);
        var best = isMaximum ? rows.MaxBy(of.Number)! : rows.MinBy(of.Number)!;
        var days = rows.Where(row => of.Number(row) == of.Number(best)).ToList();
        return days.Count > 1
            ? Extreme(isHeldOut)
            : new FinanceQuestion(Fill(text, best.Company, period), QuestionKind.Extreme, wantsDay ? [of.Text(best), OhlcvConcept.Date(best)] : [of.Text(best)], best);
    }

    private FinanceQuestion Comparison(bool isHeldOut)
    {
        var (a, b) = Two();
        var (text, field, isMore, isYesNo, isMonth, how) = Pick(isHeldOut ? HeldOutComparisons : Comparisons);
        var measure = Measures.First(one => one.Field == field);
        string when;
        decimal x, y;
        List<string> expected = [];
        if (isMonth)
        {
            var (ownA, period) = Period(a);
            var ownB = _companies[b].Where(row => row.Date >= ownA[0].Date && row.Date <= ownA[^1].Date).ToList();
            (x, y) = (Combine(ownA, measure, how), Combine(ownB, measure, how));
            when = period;
        }
        else
        {
            var rowA = Row(a);
            var rowB = _companies[b].First(row => row.Date == rowA.Date);
            (x, y) = (measure.Number(rowA), measure.Number(rowB));
            when = Date(rowA.Date);
            expected = [measure.Text(rowA), measure.Text(rowB)];
        }

        if (x == y)
        {
            return Comparison(isHeldOut);
        }

        var first = isMore ? x > y : x < y;
        var filled = Fill(text, a, when).Replace("{b}", Call(b), StringComparison.Ordinal);
        return new FinanceQuestion(filled, QuestionKind.Comparison, expected) { Winner = first ? a : b, Beginning = isYesNo ? (first ? "Yes" : "No") : null };
    }

    private static decimal Combine(IReadOnlyList<OhlcvRow> rows, Measure measure, string how) => how switch
    {
        "sum" => rows.Sum(measure.Number),
        "average" => rows.Average(measure.Number),
        "max" => rows.Max(measure.Number),
        "min" => rows.Min(measure.Number),
        _ => (measure.Number(rows[^1]) - measure.Number(rows[0])) / measure.Number(rows[0]),
    };

    private FinanceQuestion Trend(bool isHeldOut)
    {
        var (rows, period) = Period(Pick(_names), mayBeLong: true);
        var (first, last) = (rows[0], rows[^1]);
        var share = (last.Close - first.Close) / first.Close;

        // What is neither up nor down is in the eye of the beholder.
        if (Math.Abs(share) < 0.01m)
        {
            return Trend(isHeldOut);
        }

        var (text, yes) = Pick(isHeldOut ? HeldOutTrends : Trends);
        return new FinanceQuestion(Fill(text, first.Company, period), QuestionKind.Trend, [share > 0 ? "rose" : "fell", OhlcvConcept.Price(first.Close), OhlcvConcept.Price(last.Close)])
        {
            Beginning = yes is null ? null : (share > 0) == yes ? "Yes" : "No",
        };
    }

    private FinanceQuestion Which(bool isHeldOut)
    {
        var (text, field, isMaximum, span, how) = Pick(isHeldOut ? HeldOutWhich : WhichOnes);
        var measure = Measures.First(one => one.Field == field);
        if (how == "ticker")
        {
            var row = Row();
            return new FinanceQuestion(text.Replace("{t}", row.Ticker, StringComparison.Ordinal), QuestionKind.Which, [row.Company]) { Winner = row.Company };
        }

        var (sample, period) = Period(_names[0]);
        var (from, to) = (sample[0].Date, sample[^1].Date);
        if (span == "day")
        {
            var day = Row().Date;
            (from, to, period) = (day, day, Date(day));
        }

        var ranked = _companies.Select(company => (company.Key, Number: Combine([.. company.Value.Where(row => row.Date >= from && row.Date <= to)], measure, span == "day" ? "max" : how)))
            .OrderBy(one => isMaximum ? -one.Number : one.Number).ToList();
        return ranked[0].Number == ranked[1].Number
            ? Which(isHeldOut)
            : new FinanceQuestion(Fill(text, _names[0], period), QuestionKind.Which, [ranked[0].Key]) { Winner = ranked[0].Key };
    }

    private FinanceQuestion Unanswerable(bool isHeldOut)
    {
        var (text, why) = Pick(isHeldOut ? HeldOutUnanswerables : Unanswerables);
        var row = Row();
        var date = why switch
        {
            "closed" => Closed(),
            "future" => new DateOnly(2027 + _random.Next(8), 1 + _random.Next(12), 1 + _random.Next(28)),
            "past" => new DateOnly(1995 + _random.Next(20), 1 + _random.Next(12), 1 + _random.Next(28)),
            _ => row.Date,
        };
        return new FinanceQuestion(
            Fill(text, row.Company, Date(date)).Replace("{x}", Pick(Unknown), StringComparison.Ordinal).Replace("{month}", date.ToString("MMMM yyyy", CultureInfo.InvariantCulture), StringComparison.Ordinal),
            QuestionKind.Unanswerable,
            []);
    }

    private DateOnly Closed()
    {
        var date = Row().Date;
        return date.AddDays(((int)DayOfWeek.Saturday - (int)date.DayOfWeek + 7) % 7);
    }

    private string Fill(string text, string company, string date) =>
        text.Replace("{c}", Call(company), StringComparison.Ordinal).Replace("{d}", date, StringComparison.Ordinal);

    /// <summary>As people call a company.</summary>
    private string Call(string company) => _random.Next(10) switch
    {
        < 5 => company,
        < 7 => _companies[company][0].Ticker,
        < 8 => $"{company} ({_companies[company][0].Ticker})",
        < 9 => company.Split(' ')[0],
        _ => company.ToLowerInvariant(),
    };

    private string Date(DateOnly date)
    {
        var culture = CultureInfo.InvariantCulture;
        var suffix = date.Day switch { 1 or 21 or 31 => "st", 2 or 22 => "nd", 3 or 23 => "rd", _ => "th" };
        return _random.Next(9) switch
        {
            0 or 1 => date.ToString("yyyy-MM-dd", culture),
            2 => date.ToString("d MMMM yyyy", culture),
            3 => date.ToString("MMMM d, yyyy", culture),
            4 => $"{date.ToString("MMMM d", culture)}{suffix}, {date.Year}",
            5 => $"the {date.Day}{suffix} of {date.ToString("MMMM yyyy", culture)}",
            6 => date.ToString("d MMM yyyy", culture),
            7 => date.ToString("dddd, d MMMM yyyy", culture),
            _ => date.ToString("MMM d yyyy", culture),
        };
    }

    /// <summary>A month mostly, and its rows.</summary>
    private (OhlcvRow[] Rows, string Words) Period(string company, bool mayBeLong = false)
    {
        var culture = CultureInfo.InvariantCulture;
        var day = Row().Date;
        var month = new DateOnly(day.Year, day.Month, 1);
        var quarter = new DateOnly(day.Year, (3 * ((day.Month - 1) / 3)) + 1, 1);
        var (from, until, words) = _random.Next(mayBeLong ? 12 : 6) switch
        {
            < 4 => (month, month.AddMonths(1), month.ToString("MMMM yyyy", culture)),
            4 => (month, month.AddMonths(1), $"the month of {month.ToString("MMMM yyyy", culture)}"),
            5 => (month, month.AddMonths(1), month.ToString("MMM yyyy", culture)),
            6 or 7 => (quarter, quarter.AddMonths(3), $"Q{((day.Month - 1) / 3) + 1} {day.Year}"),
            8 => (quarter, quarter.AddMonths(3), $"the {new[] { "first", "second", "third", "fourth" }[(day.Month - 1) / 3]} quarter of {day.Year}"),
            9 => (new DateOnly(day.Year, day.Month < 7 ? 1 : 7, 1), new DateOnly(day.Year, day.Month < 7 ? 1 : 7, 1).AddMonths(6), $"the {(day.Month < 7 ? "first" : "second")} half of {day.Year}"),
            _ => (new DateOnly(day.Year, 1, 1), new DateOnly(day.Year + 1, 1, 1), day.Year.ToString(culture)),
        };
        var rows = _companies[company].Where(row => row.Date >= from && row.Date < until).ToArray();

        // The last month of the data may be cut off.
        return rows.Length < 15 ? Period(company, mayBeLong) : (rows, words);
    }

    private (string A, string B) Two()
    {
        var a = Pick(_names);
        var b = Pick(_names);
        return a == b ? Two() : (a, b);
    }

    private OhlcvRow Row() => Row(Pick(_names));

    private OhlcvRow Row(string company) => Pick(_companies[company]);

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    private sealed record Measure(string Field, Func<OhlcvRow, decimal> Number)
    {
        public string Text(OhlcvRow row) => Field == "volume" ? OhlcvConcept.Shares(row) : OhlcvConcept.Price(Number(row));

        public string Raw(OhlcvRow row) => Field == "volume" ? row.Volume.ToString(CultureInfo.InvariantCulture) : OhlcvConcept.Price(Number(row));
    }

    private static readonly Measure[] Measures =
    [
        new("price_open", row => row.Open),
        new("price_high", row => row.High),
        new("price_low", row => row.Low),
        new("price_close", row => row.Close),
        new("volume", row => row.Volume),
    ];
}
