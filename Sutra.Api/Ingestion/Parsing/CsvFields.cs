using System.Text;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Ingestion.Parsing;

/// <summary>The fields of one CSV record (RFC 4180).</summary>
internal static class CsvFields
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Null when its quotes are wrong, or it is no UTF-8.</summary>
    public static List<string>? Parse(ReadOnlySpan<byte> record)
    {
        string text;
        try
        {
            text = ConceptLimits.StrictUtf8.GetString(record.StartsWith(ByteOrderMark) ? record[ByteOrderMark.Length..] : record);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        var rest = text.AsSpan().TrimEnd('\r');
        var fields = new List<string>();
        while (true)
        {
            if (Next(ref rest, out var more) is not { } field)
            {
                return null;
            }

            fields.Add(field);
            if (!more)
            {
                return fields;
            }
        }
    }

    private static string? Next(ref ReadOnlySpan<char> rest, out bool more)
    {
        if (!rest.StartsWith('"'))
        {
            var comma = rest.IndexOf(',');
            more = comma >= 0;
            var plain = (more ? rest[..comma] : rest).ToString();
            rest = more ? rest[(comma + 1)..] : [];
            return plain;
        }

        more = false;
        var field = new StringBuilder();
        rest = rest[1..];
        while (true)
        {
            var quote = rest.IndexOf('"');
            if (quote < 0)
            {
                return null;
            }

            field.Append(rest[..quote]);
            rest = rest[(quote + 1)..];
            if (!rest.StartsWith('"'))
            {
                break;
            }

            field.Append('"');
            rest = rest[1..];
        }

        if (rest.IsEmpty)
        {
            return field.ToString();
        }

        more = rest[0] == ',';
        rest = rest[1..];
        return more ? field.ToString() : null;
    }
}
