using System.Globalization;
using System.Text;

namespace Sutra.Api.Documents.Parsing;

/// <summary>CSV with a header (RFC 4180; comma, semicolon, tab or bar between): each row a record, told as "column: value".</summary>
internal static class CsvParser
{
    /// <exception cref="UnreadableDocumentException">It has no header, or a row that is none.</exception>
    public static IReadOnlyList<Passage> Parse(string source)
    {
        var rows = new RowReader(source);
        if (!rows.Read())
        {
            return [];
        }

        string[] header = [.. rows.Fields.Select(column => column.Trim())];
        if (header.Any(column => column.Length == 0))
        {
            throw new UnreadableDocumentException("The header, which is the first row, has a column without a name.");
        }

        var records = new List<Passage>();
        while (rows.Read())
        {
            if (rows.Fields.Count > header.Length)
            {
                throw new UnreadableDocumentException(string.Create(
                    CultureInfo.InvariantCulture, $"Row {rows.Number} has {rows.Fields.Count} fields, the header {header.Length}."));
            }

            if (Records.ToPassage(header.Zip(rows.Fields), rows.Start, rows.End - rows.Start) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>Rows that are not empty, with their places.</summary>
    private sealed class RowReader(string source)
    {
        private readonly char _delimiter = Delimiter(source);
        private readonly StringBuilder _field = new();
        private int _at;

        public List<string> Fields { get; } = [];

        /// <summary>Counted from 1; the header is one.</summary>
        public int Number { get; private set; }

        public int Start { get; private set; }

        /// <summary>Behind its last character; the line's end is no part of it.</summary>
        public int End { get; private set; }

        public bool Read()
        {
            while (_at < source.Length && source[_at] is '\r' or '\n')
            {
                _at++;
            }

            if (_at >= source.Length)
            {
                return false;
            }

            Number++;
            Fields.Clear();
            Start = _at;
            do
            {
                Fields.Add(Field());
            }
            while (_at < source.Length && source[_at++] == _delimiter);
            return true;
        }

        /// <summary>Ends before the delimiter or the line's end.</summary>
        private string Field()
        {
            if (_at < source.Length && source[_at] == '"')
            {
                return Quoted();
            }

            var length = source.AsSpan(_at).IndexOfAny(_delimiter, '\r', '\n');
            var field = length < 0 ? source[_at..] : source.Substring(_at, length);
            if (field.Contains('"', StringComparison.Ordinal))
            {
                throw Misplaced();
            }

            _at += field.Length;
            End = _at;
            return field;
        }

        private string Quoted()
        {
            _field.Clear();
            for (_at++; ; _at += 2)
            {
                var quote = source.IndexOf('"', _at);
                if (quote < 0)
                {
                    throw Misplaced();
                }

                _field.Append(source, _at, quote - _at);
                _at = quote;
                if (quote + 1 >= source.Length || source[quote + 1] != '"')
                {
                    break;
                }

                _field.Append('"');
            }

            _at++;
            End = _at;
            return _at == source.Length || source[_at] == _delimiter || source[_at] is '\r' or '\n' ? _field.ToString() : throw Misplaced();
        }

        private UnreadableDocumentException Misplaced() =>
            new(string.Create(CultureInfo.InvariantCulture, $"Row {Number} is no CSV: a quote stands where none may be, or is never closed."));

        private static char Delimiter(string source)
        {
            var end = source.AsSpan().TrimStart("\r\n").IndexOfAny('\r', '\n');
            var header = end < 0 ? source : source[..(end + source.Length - source.AsSpan().TrimStart("\r\n").Length)];
            return ",;\t|".MaxBy(candidate => header.Count(c => c == candidate));
        }
    }
}
