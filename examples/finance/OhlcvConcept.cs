using System.Globalization;

namespace Sutra.Examples.Finance;

/// <summary>A row as something to learn: sentences a person would write, and the figures once more as metadata.</summary>
public static class OhlcvConcept
{
    /// <summary>
    /// Every sentence names company, date and value, because answers are sentences taken word for word: each must stand alone.
    /// The first has the date in words, the others as ISO.
    /// </summary>
    public static string Content(OhlcvRow row)
    {
        var name = $"{row.Company} ({row.Ticker})";
        var date = Date(row);
        var inWords = row.Date.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name} closed at {row.Close:F2} USD on {inWords}, {Change(row)} from its open. "
            + $"The opening price of {name} on {date} was {row.Open:F2} USD and its closing price was {row.Close:F2} USD. "
            + $"The highest price of {name} on {date} was {row.High:F2} USD and its lowest price was {row.Low:F2} USD. "
            + $"On {date} a volume of {Shares(row)} shares of {name} was traded.");
    }

    public static IReadOnlyDictionary<string, string> Metadata(OhlcvRow row) => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["source"] = "examples/finance",
        ["company"] = row.Company,
        ["ticker"] = row.Ticker,
        ["date"] = Date(row),
        ["data_type"] = "daily_ohlcv",
        ["price_open"] = Price(row.Open),
        ["price_high"] = Price(row.High),
        ["price_low"] = Price(row.Low),
        ["price_close"] = Price(row.Close),
        ["volume"] = row.Volume.ToString(CultureInfo.InvariantCulture),
    };

    internal static string Date(OhlcvRow row) => row.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static string Price(decimal price) => price.ToString("F2", CultureInfo.InvariantCulture);

    internal static string Shares(OhlcvRow row) => row.Volume.ToString("N0", CultureInfo.InvariantCulture);

    private static string Change(OhlcvRow row)
    {
        var percent = Math.Round((row.Close - row.Open) / row.Open * 100, 2, MidpointRounding.AwayFromZero);
        return percent switch
        {
            > 0 => string.Create(CultureInfo.InvariantCulture, $"up {percent:F2} %"),
            < 0 => string.Create(CultureInfo.InvariantCulture, $"down {-percent:F2} %"),
            _ => "unchanged",
        };
    }
}
