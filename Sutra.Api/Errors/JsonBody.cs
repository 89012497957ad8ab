using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Errors;

/// <summary>Reads a request's JSON, and says of a body that cannot be read what is wrong with it without repeating any of it.</summary>
internal static class JsonBody
{
    public const int MaxBytes = ConceptLimits.RequestBody;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="ApiProblem">415, 413 or 400.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        RequireJson(request);
        if (request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellation);
            if (result.Buffer.Length > MaxBytes)
            {
                request.BodyReader.AdvanceTo(result.Buffer.End);
                throw TooLarge();
            }

            if (!result.IsCompleted)
            {
                request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            try
            {
                return Parse(WithoutMark(result.Buffer), type);
            }
            finally
            {
                request.BodyReader.AdvanceTo(result.Buffer.End);
            }
        }
    }

    /// <summary>Without a byte order mark, if there is one.</summary>
    public static ReadOnlySequence<byte> WithoutMark(in ReadOnlySequence<byte> text)
    {
        Span<byte> start = stackalloc byte[ByteOrderMark.Length];
        if (text.Length < start.Length)
        {
            return text;
        }

        text.Slice(0, start.Length).CopyTo(start);
        return start.SequenceEqual(ByteOrderMark) ? text.Slice(start.Length) : text;
    }

    /// <param name="body">One JSON object, in UTF-8.</param>
    /// <param name="what">What errors call it.</param>
    /// <exception cref="ApiProblem">400.</exception>
    public static T Parse<T>(ReadOnlySequence<byte> body, JsonTypeInfo<T> type, string what = "body")
        where T : class
    {
        if (body.IsEmpty)
        {
            throw NotJson($"The {what} is empty; it must be a JSON object.");
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            var value = JsonSerializer.Deserialize(ref reader, type) ?? throw NotJson($"The {what} must be a JSON object, not null.");
            return reader.Read() ? throw NotJson("Something follows the JSON object.") : value;
        }
        catch (JsonException e) when (Field(e.Path) is { } field && IsJson(body, what))
        {
            throw ApiProblem.Invalid(field, "The value has the wrong type.");
        }
        catch (JsonException e)
        {
            throw e.Path == "$" && IsJson(body, what)
                ? NotJson($"The {what} must be a JSON object.")
                : NotJson($"The {what} is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode(what);
        }
    }

    /// <summary>The first name of a JSON path: what is below may be the user's own words (keys of metadata).</summary>
    private static string? Field(string? path)
    {
        if (path is null || !path.StartsWith("$.", StringComparison.Ordinal))
        {
            return null;
        }

        var end = path.AsSpan(2).IndexOfAny('.', '[');
        return end < 0 ? path[2..] : path.Substring(2, end);
    }

    /// <summary>The same exception says "wrong type" and "not JSON at all"; only the second must be told by place.</summary>
    private static bool IsJson(ReadOnlySequence<byte> body, string what)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    _ = reader.GetString();
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode(what);
        }
    }

    private static void RequireJson(HttpRequest request)
    {
        if (!request.HasJsonContentType()
            || !MediaTypeHeaderValue.TryParse(request.ContentType, out var media)
            || (media.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ApiProblem(
                StatusCodes.Status415UnsupportedMediaType,
                ProblemCodes.UnsupportedMediaType,
                "The body must be JSON in UTF-8: Content-Type application/json.");
        }
    }

    // InvalidOperationException is Utf8JsonReader's word for it: broken UTF-8, half a surrogate pair.
    private static ApiProblem NotUnicode(string what) => NotJson($"The {what} holds text that is not valid Unicode.");

    private static ApiProblem NotJson(string detail) => new(StatusCodes.Status400BadRequest, ProblemCodes.InvalidJson, detail);

    private static ApiProblem TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, ProblemCodes.BodyTooLarge, $"The body is larger than {MaxBytes / 1024 / 1024} MiB.");
}
