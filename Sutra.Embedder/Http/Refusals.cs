using System.Text.Json;
using System.Text.RegularExpressions;
using Sutra.Embedder.Inference;
using Sutra.Embedder.Pipeline;
using Sutra.Embedder.Serving;

namespace Sutra.Embedder.Http;

/// <summary>What callers are told of what went wrong, whoever it comes from: our own code, the server, authorization, routing.</summary>
internal static class Refusals
{
    public static RefusalException For(Exception exception) => exception switch
    {
        RefusalException e => e,
        CallException e => new RefusalException(e.Message, e.Parameter),
        UnknownModelException e => new RefusalException(StatusCodes.Status404NotFound, e.Message, "model", "model_not_found"),
        ModelUnavailableException e => new RefusalException(StatusCodes.Status503ServiceUnavailable, e.Message, "model", "model_unavailable") { RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(e.RetryAfter.TotalSeconds)) },
        OverloadException e => new RefusalException(StatusCodes.Status429TooManyRequests, e.Message, code: "overloaded") { RetryAfterSeconds = e.RetryAfterSeconds },
        JsonException e => new RefusalException($"The body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine}).", null, "invalid_json"),
        BadHttpRequestException e => ForStatus(e.StatusCode),
        RegexMatchTimeoutException => new RefusalException($"A text {TextFailure.Untokenizable.Reason()}", null, TextFailure.Untokenizable.Code()),
        _ => ForStatus(StatusCodes.Status500InternalServerError),
    };

    public static RefusalException ForStatus(int status) => status switch
    {
        401 => new(status, "Missing or invalid credentials.", code: "invalid_api_key"),
        403 => new(status, "These credentials do not permit embedding.", code: "insufficient_permissions"),
        404 => new(status, "There is no such route.", code: "unknown_url"),
        405 => new(status, "This route does not take that method.", code: "method_not_supported"),
        408 => new(status, "The body came too slowly.", code: "request_timeout"),
        413 => new(status, "The body is too large.", code: "request_too_large"),
        415 => new(status, "The body must be JSON in UTF-8: send Content-Type: application/json, or, to embeddings/stream, application/x-ndjson.", code: "unsupported_media_type"),
        < 500 => new(status, "The request could not be read: its body ended early, or it is not valid HTTP."),
        503 => new(status, "The embedder cannot answer now; try again later.", code: "unavailable"),
        _ => new(status, "The embedder failed to answer.", code: "internal_error"),
    };

    /// <summary>A text without a vector, where one fails the whole request.</summary>
    /// <param name="field">The field that holds the texts.</param>
    /// <param name="name">The text's own name, e.g. <c>input[3]</c>.</param>
    public static RefusalException ForItem(TextFailure failure, string field, string name) => failure switch
    {
        TextFailure.Late => new(StatusCodes.Status503ServiceUnavailable, $"{name} {failure.Reason()}", field, failure.Code()) { RetryAfterSeconds = 1 },
        TextFailure.ModelFailed => new(StatusCodes.Status500InternalServerError, $"{name} {failure.Reason()}", field, failure.Code()),
        _ => new(StatusCodes.Status400BadRequest, $"{name} {failure.Reason()}", field, failure.Code()),
    };

    /// <summary>For programs.</summary>
    public static string Code(this TextFailure failure) => failure switch
    {
        TextFailure.Empty => "empty_text",
        TextFailure.NothingKnown => "nothing_known",
        TextFailure.TooLong => "text_too_long",
        TextFailure.Untokenizable => "untokenizable",
        TextFailure.Late => "timed_out",
        _ => "model_failed",
    };
}
