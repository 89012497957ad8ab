using System.Globalization;

namespace Sutra.Examples.Finance;

/// <summary>A question with the answer that the data holds.</summary>
/// <param name="Text">What to ask.</param>
/// <param name="ExpectedValue">A right answer contains this, as <see cref="OhlcvConcept.Content"/> writes it.</param>
/// <param name="Source">The row that knows.</param>
public sealed record ExampleQuestion(string Text, string ExpectedValue, OhlcvRow Source)
{
    /// <summary>Three questions about three companies: a close, a high, a volume.</summary>
    /// <exception cref="InvalidDataException">The rows lack one of the days asked about.</exception>
    public static IReadOnlyList<ExampleQuestion> For(IReadOnlyList<OhlcvRow> rows)
    {
        var close = Row(rows, "Brightmoor Energy", new DateOnly(2025, 3, 14));
        var high = Row(rows, "Galewick Shipping", new DateOnly(2025, 6, 3));
        var volume = Row(rows, "Halcyra Software", new DateOnly(2025, 9, 1));
        return
        [
            new($"What did {close.Company} close at on {close.Date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}?", OhlcvConcept.Price(close.Close), close),
            new($"What was the highest price of {high.Company} on {OhlcvConcept.Date(high)}?", OhlcvConcept.Price(high.High), high),
            new($"How many shares of {volume.Company} were traded on {OhlcvConcept.Date(volume)}?", OhlcvConcept.Shares(volume), volume),
        ];
    }

    private static OhlcvRow Row(IEnumerable<OhlcvRow> rows, string company, DateOnly date) =>
        rows.FirstOrDefault(r => r.Company == company && r.Date == date)
        ?? throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The data has no row of {company} on {date:yyyy-MM-dd}."));
}
