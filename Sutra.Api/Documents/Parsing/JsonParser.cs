using System.Text;
using System.Text.Json;

namespace Sutra.Api.Documents.Parsing;

/// <summary>JSON: each item of an array is a record, and an object is one; members within others are named by their path.</summary>
internal static class JsonParser
{
    /// <exception cref="UnreadableDocumentException">It is no JSON, or has neither an array nor an object outermost.</exception>
    public static IReadOnlyList<Passage> Parse(string source)
    {
        var json = Encoding.UTF8.GetBytes(source);
        var records = new List<Passage>();
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
            {
                throw new UnreadableDocumentException("JSON must be an array or an object.");
            }

            var isArray = reader.TokenType == JsonTokenType.StartArray;
            var (chars, bytes) = (0, 0);
            while (!isArray || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
            {
                var start = (int)reader.TokenStartIndex;
                using var item = JsonDocument.ParseValue(ref reader);
                var end = (int)reader.BytesConsumed;
                chars += Encoding.UTF8.GetCharCount(json.AsSpan(bytes, start - bytes));
                var length = Encoding.UTF8.GetCharCount(json.AsSpan(start, end - start));
                var fields = new List<(string, string)>();
                Flatten(item.RootElement, "", fields);
                if (Records.ToPassage(fields, chars, length) is { } record)
                {
                    records.Add(record);
                }

                (chars, bytes) = (chars + length, end);
                if (!isArray)
                {
                    break;
                }
            }

            return reader.Read() ? throw new UnreadableDocumentException("Something follows the JSON.") : records;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UnreadableDocumentException(
                e is JsonException { LineNumber: { } line } ? $"It is not valid JSON (line {line + 1})." : "It is not valid JSON.");
        }
    }

    // As deep as the reader lets it be, which is 64.
    private static void Flatten(JsonElement element, string path, List<(string, string)> fields)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Flatten(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", fields);
                }

                break;
            case JsonValueKind.Array when element.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)):
                fields.Add((Named(path), string.Join(", ", element.EnumerateArray().Select(item => item.ToString()))));
                break;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Flatten(item, $"{path}[{i++}]", fields);
                }

                break;
            case JsonValueKind.Null:
                break;
            default:
                fields.Add((Named(path), element.ToString()));
                break;
        }
    }

    private static string Named(string path) => path.Length == 0 ? "value" : path;
}
