using System.Text.Json;
using Sutra.Api.Ingestion.Jobs;
using Sutra.Api.Learning;
using Sutra.Contracts.Api;

namespace Sutra.Api.Ingestion.Parsing;

/// <summary>What a record says, or what is wrong with it.</summary>
internal readonly record struct ParsedItem(LearnItem? Item, LearnItemError? Error)
{
    public static ParsedItem Wrong(string field, string code, string message) => new(null, new LearnItemError(field, code, message, Retryable: false));
}

/// <summary>Makes something to learn of a record's bytes.</summary>
internal abstract class ItemParser
{
    /// <summary>The field of an error that is none of the item's fields'.</summary>
    public const string Line = "line";

    /// <param name="header">A CSV's first record.</param>
    public static ItemParser Of(Job job, ReadOnlySpan<byte> header) => job.Format == JobFormat.Csv
        ? new CsvItemParser(CsvHeader.Parse(header, job.ContentColumn) ?? throw new InvalidDataException("The header was readable when it was uploaded."), job.Owner)
        : new JsonItemParser(job.Owner);

    public abstract ParsedItem Parse(ReadOnlySpan<byte> record);
}

internal sealed class JsonItemParser(string? owner) : ItemParser
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public override ParsedItem Parse(ReadOnlySpan<byte> record)
    {
        if (record.StartsWith(ByteOrderMark))
        {
            record = record[ByteOrderMark.Length..];
        }

        try
        {
            return JsonSerializer.Deserialize(record, JobJson.Default.IngestItem) is { } item
                ? new ParsedItem(new LearnItem(item.Content!, item.Metadata, item.Associations, item.Owner ?? owner), null)
                : ParsedItem.Wrong(Line, "invalid_type", "It must be a JSON object, not null.");
        }
        catch (JsonException e) when (IsJson(record))
        {
            return Field(e.Path) is { } field
                ? ParsedItem.Wrong(field, "invalid_type", "The value has the wrong type.")
                : ParsedItem.Wrong(Line, "invalid_type", "It must be a JSON object.");
        }
        catch (JsonException e)
        {
            return ParsedItem.Wrong(Line, "invalid_json", $"It is not valid JSON (byte {e.BytePositionInLine + 1}).");
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader's word for broken UTF-8 and half a surrogate pair.
            return ParsedItem.Wrong(Line, "invalid_json", "It holds text that is not valid Unicode.");
        }
    }

    // What is below the first name may be the user's own words (keys of metadata).
    private static string? Field(string? path)
    {
        if (path is null || !path.StartsWith("$.", StringComparison.Ordinal))
        {
            return null;
        }

        var end = path.AsSpan(2).IndexOfAny('.', '[');
        return end < 0 ? path[2..] : path.Substring(2, end);
    }

    private static bool IsJson(ReadOnlySpan<byte> record)
    {
        try
        {
            var reader = new Utf8JsonReader(record);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Which column is what.</summary>
/// <param name="Owner">-1: none is.</param>
internal sealed record CsvHeader(IReadOnlyList<string> Names, int Content, int Owner)
{
    private const string DefaultContent = "content";

    /// <returns>Null when it cannot be read, names a column twice or not at all, or has none for the content.</returns>
    public static CsvHeader? Parse(ReadOnlySpan<byte> header, string? contentColumn)
    {
        if (CsvFields.Parse(header) is not { } names
            || names.Distinct(StringComparer.Ordinal).Count() != names.Count
            || names.Exists(string.IsNullOrWhiteSpace))
        {
            return null;
        }

        var content = names.FindIndex(name => string.Equals(name.Trim(), contentColumn ?? DefaultContent, StringComparison.OrdinalIgnoreCase));
        return content < 0 ? null : new CsvHeader(names.ConvertAll(name => name.Trim()), content, names.FindIndex(name => string.Equals(name.Trim(), "owner", StringComparison.Ordinal)));
    }
}

internal sealed class CsvItemParser(CsvHeader header, string? owner) : ItemParser
{
    public override ParsedItem Parse(ReadOnlySpan<byte> record)
    {
        if (CsvFields.Parse(record) is not { } fields)
        {
            return ParsedItem.Wrong(Line, "invalid_csv", "Its quotes do not match, or it is not valid UTF-8.");
        }

        if (fields.Count != header.Names.Count)
        {
            return ParsedItem.Wrong(Line, "invalid_csv", $"It has {fields.Count} fields and the header {header.Names.Count}.");
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
        {
            // An empty field says nothing.
            if (i != header.Content && i != header.Owner && fields[i].Length > 0)
            {
                metadata[header.Names[i]] = fields[i];
            }
        }

        var ownOwner = header.Owner >= 0 && fields[header.Owner].Length > 0 ? fields[header.Owner] : owner;
        return new ParsedItem(new LearnItem(fields[header.Content], metadata, null, ownOwner), null);
    }
}
