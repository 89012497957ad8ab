using System.Text;

namespace Sutra.Api.Documents.Parsing;

/// <summary>Fields with names, as text and as metadata.</summary>
internal static class Records
{
    /// <param name="offset">Where the record stands in the source.</param>
    /// <returns>Null when all fields are empty.</returns>
    public static Passage? ToPassage(IEnumerable<(string Name, string Value)> fields, int offset, int length)
    {
        var text = new StringBuilder();
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            var trimmed = value.Trim();
            if (trimmed.Length == 0)
            {
                continue;
            }

            text.Append(text.Length == 0 ? "" : "; ").Append(name).Append(": ").Append(trimmed);
            columns[name] = trimmed;
        }

        if (text.Length == 0)
        {
            return null;
        }

        text.Append('.');
        var mapped = new RecordText(text.ToString(), offset, length);
        return new Passage([], mapped.Text, [], columns);
    }

    /// <summary>A record's text is not its source's: it all stands for the whole of it.</summary>
    private readonly struct RecordText
    {
        public RecordText(string text, int offset, int length)
        {
            Text = new MappedText();
            Text.Append(text.AsSpan(0, text.Length - 1), offset);
            Text.Append(text.AsSpan(text.Length - 1), offset + Math.Max(0, length - 1));
        }

        public MappedText Text { get; }
    }
}
