using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Sutra.Client.Http;

/// <summary>Reads problem details, or OpenAI's error object, and makes the best of answers that are neither.</summary>
internal static class ProblemReader
{
    private const int MaxBytes = 1 << 20;

    public static async Task<SutraException> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var retryAfter = response.Headers.RetryAfter?.Delta;
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBytes, cancellation).ConfigureAwait(false);
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
            return Read(json.RootElement, response.StatusCode, retryAfter);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            return Unknown(response.StatusCode, retryAfter);
        }
    }

    /// <param name="status">Where the problem itself does not say it.</param>
    public static SutraException Read(JsonElement problem, HttpStatusCode status, TimeSpan? retryAfter)
    {
        if (problem.ValueKind != JsonValueKind.Object)
        {
            return Unknown(status, retryAfter);
        }

        if (problem.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            problem = error;
        }

        var said = problem.TryGetProperty("status", out var number) && number.TryGetInt32(out var value) ? (HttpStatusCode)value : status;
        return new SutraException(said, Text(problem, "code") ?? Code(said), Text(problem, "detail") ?? Text(problem, "message") ?? Text(problem, "title") ?? Message(said))
        {
            Errors = Errors(problem),
            Component = Text(problem, "component"),
            TraceId = Text(problem, "traceId"),
            RetryAfter = retryAfter,
        };
    }

    private static Dictionary<string, string[]> Errors(JsonElement problem) =>
        problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object
            ? errors.EnumerateObject().ToDictionary(
                field => field.Name,
                field => field.Value.ValueKind == JsonValueKind.Array ? field.Value.EnumerateArray().Select(rule => rule.ToString()).ToArray() : [field.Value.ToString()],
                StringComparer.Ordinal)
            : [];

    private static string? Text(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static SutraException Unknown(HttpStatusCode status, TimeSpan? retryAfter) => new(status, Code(status), Message(status)) { RetryAfter = retryAfter };

    private static string Code(HttpStatusCode status) => string.Create(CultureInfo.InvariantCulture, $"http_{(int)status}");

    private static string Message(HttpStatusCode status) => string.Create(CultureInfo.InvariantCulture, $"The server answered with status {(int)status}.");
}
