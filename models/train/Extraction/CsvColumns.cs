using System.Globalization;

namespace Sutra.Models.Train.Extraction;

/// <summary>Which columns hold the anchor and the positive: names (the first row is the header) or numbers from 1 (every row counts).</summary>
public sealed record CsvColumns(string Anchor, string Positive)
{
    /// <summary>True when both are numbers, so that no header is needed.</summary>
    public bool ByNumber => Number(Anchor) is not null && Number(Positive) is not null;

    /// <param name="text"><c>anchor,positive</c></param>
    /// <exception cref="InvalidDataException">Not two columns, or one by name and one by number, or a number below 1.</exception>
    public static CsvColumns Parse(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2)
        {
            throw new InvalidDataException($"\"{text}\" is not two columns: write anchor,positive.");
        }

        var numbers = parts.Select(Number).ToArray();
        if (numbers.Any(n => n is null) != numbers.All(n => n is null) || numbers.Any(n => n < 1))
        {
            throw new InvalidDataException($"\"{text}\" is neither two names nor two numbers from 1.");
        }

        return new CsvColumns(parts[0], parts[1]);
    }

    private static int? Number(string column) => int.TryParse(column, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;
}
