using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Sutra.Embedder.Http;
using Sutra.Embedder.Pipeline;

namespace Sutra.Embedder.Bulk;

/// <summary>One line of a stream: a text that is under way, or the reason why it is not.</summary>
/// <param name="Index">Of the line, empty ones not counted.</param>
/// <param name="Units">What it holds of the stream's room.</param>
internal sealed record StreamItem(long Index, int Units)
{
    private const int LongestId = 256;

    /// <summary>As the caller wrote it: a JSON string or number; null: none.</summary>
    public string? Id { get; private init; }

    public string? Text { get; private init; }

    public (string Message, string Code)? Error { get; private init; }

    public Task<EmbeddingAnswer>? Answer { get; init; }

    /// <summary>Reads <c>"text"</c> or <c>{"id": …, "text": …}</c>; what is wrong with the line becomes its <see cref="Error"/>.</summary>
    public static StreamItem Read(in ReadOnlySequence<byte> line, long index, int units)
    {
        var item = new StreamItem(index, units);
        try
        {
            using var json = JsonDocument.Parse(line);
            return IsUtf8(line) ? item.Read(json.RootElement) : item.Wrong("The line is not valid UTF-8.", "invalid_unicode");
        }
        catch (JsonException)
        {
            return item.Wrong("The line is not valid JSON.", "invalid_json");
        }
        catch (InvalidOperationException)
        {
            return item.Wrong("The line is not valid Unicode.", "invalid_unicode");
        }
    }

    public StreamItem Wrong(string message, string code) => this with { Error = (message, code) };

    private StreamItem Read(JsonElement line)
    {
        if (line.ValueKind == JsonValueKind.String)
        {
            return this with { Text = line.GetString() };
        }

        if (line.ValueKind != JsonValueKind.Object)
        {
            return Wrong("The line must be a text or an object with id and text.", "invalid_line");
        }

        var item = this;
        if (line.TryGetProperty("id", out var id) && id.ValueKind != JsonValueKind.Null)
        {
            if (id.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || id.GetRawText() is not { Length: <= LongestId } raw)
            {
                return Wrong($"id must be a string or a number of at most {LongestId} characters.", "invalid_line");
            }

            item = this with { Id = raw };
        }

        return line.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            ? item.ReadText(text)
            : item.Wrong("text must be a string.", "invalid_line");
    }

    // Its id is known already, so that the caller learns which text it was.
    private StreamItem ReadText(JsonElement text)
    {
        try
        {
            return this with { Text = text.GetString() };
        }
        catch (InvalidOperationException)
        {
            return Wrong("The text is not valid Unicode.", "invalid_unicode");
        }
    }

    private static bool IsUtf8(in ReadOnlySequence<byte> line) =>
        line.IsSingleSegment ? Utf8.IsValid(line.FirstSpan) : Utf8.IsValid(line.ToArray());
}
