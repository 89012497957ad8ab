using System.Globalization;

namespace Sutra.Examples.Finance;

/// <summary>Rows as plain CSV: header <c>company,ticker,date,open,high,low,close,volume</c>, ISO dates, decimal points, LF, no quoting.</summary>
public static class OhlcvCsv
{
    public const string Header = "company,ticker,date,open,high,low,close,volume";

    /// <summary>The example's own data: what <see cref="MarketGenerator"/> makes with its default seed.</summary>
    public static IReadOnlyList<OhlcvRow> ReadExample()
    {
        using var stream = typeof(OhlcvCsv).Assembly.GetManifestResourceStream("daily-ohlcv.csv")!;
        using var reader = new StreamReader(stream);
        return Read(reader);
    }

    /// <exception cref="InvalidDataException">The header or a line is not as above; the message names the line.</exception>
    public static IReadOnlyList<OhlcvRow> Read(TextReader reader)
    {
        if (reader.ReadLine() != Header)
        {
            throw new InvalidDataException($"Line 1 of the CSV is not \"{Header}\".");
        }

        var rows = new List<OhlcvRow>();
        while (reader.ReadLine() is { } line)
        {
            rows.Add(Parse(line) ?? throw new InvalidDataException($"Line {rows.Count + 2} of the CSV is no row of {Header}."));
        }

        return rows;
    }

    public static void Write(TextWriter writer, IEnumerable<OhlcvRow> rows)
    {
        writer.Write(Header + "\n");
        foreach (var row in rows)
        {
            writer.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Company},{row.Ticker},{row.Date:yyyy-MM-dd},{row.Open:F2},{row.High:F2},{row.Low:F2},{row.Close:F2},{row.Volume}\n"));
        }
    }

    private static OhlcvRow? Parse(string line)
    {
        var fields = line.Split(',');
        return fields.Length == 8
            && DateOnly.TryParseExact(fields[2], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && TryPrice(fields[3], out var open)
            && TryPrice(fields[4], out var high)
            && TryPrice(fields[5], out var low)
            && TryPrice(fields[6], out var close)
            && long.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var volume)
                ? new OhlcvRow(fields[0], fields[1], date, open, high, low, close, volume)
                : null;
    }

    private static bool TryPrice(string text, out decimal price) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out price);
}
