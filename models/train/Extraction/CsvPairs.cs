using System.Globalization;
using CsvHelper;
using Sutra.Models.Train.Corpus;

namespace Sutra.Models.Train.Extraction;

/// <summary>Two columns of a CSV file, row by row, whatever its size.</summary>
internal static class CsvPairs
{
    // An unclosed quote would make the rest of the file one record.
    private const int MaximumRecord = 4 << 20;

    /// <param name="separator">Null = found in the first lines, among <c>, ; tab |</c>.</param>
    /// <exception cref="KeyNotFoundException">The header lacks a column.</exception>
    /// <exception cref="CsvFormatException">The file is damaged; the pairs before that came.</exception>
    public static IEnumerable<TextPair> Read(string path, CsvColumns columns, char? separator = null)
    {
        using var csv = CsvReader.FromFile(path, new CsvReaderOptions
        {
            Encoding = TextFile.EncodingOf(path),
            Separator = separator,
            HasHeader = !columns.ByNumber,
            MaxRecordSize = MaximumRecord,
        });
        csv.ReadHeader();
        var anchor = Column(csv, columns.Anchor, columns.ByNumber);
        var positive = Column(csv, columns.Positive, columns.ByNumber);
        while (csv.Read())
        {
            yield return new TextPair(csv.GetString(anchor), csv.GetString(positive));
        }
    }

    private static int Column(CsvReader csv, string name, bool byNumber)
    {
        if (byNumber)
        {
            return int.Parse(name, CultureInfo.InvariantCulture) - 1;
        }

        return csv.TryGetFieldIndex(name, out var index) ? index : throw new KeyNotFoundException($"There is no column \"{name}\".");
    }
}
