namespace Sutra.Embedder.OpenAi;

/// <summary>A request that is answered with an error of the OpenAI shape.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="type">Kind of error, e.g. <c>invalid_request_error</c>.</param>
/// <param name="message">For people; never repeats their text.</param>
/// <param name="param">The field that is wrong.</param>
/// <param name="code">For programs, e.g. <c>model_not_found</c>.</param>
internal sealed class OpenAiException(int status, string type, string message, string? param = null, string? code = null) : Exception(message)
{
    public const string InvalidRequest = "invalid_request_error";

    public OpenAiException(string message, string? param)
        : this(StatusCodes.Status400BadRequest, InvalidRequest, message, param)
    {
    }

    public int Status { get; } = status;

    /// <summary>When to try again; null: trying again changes nothing.</summary>
    public int? RetryAfterSeconds { get; init; }

    public OpenAiError Error { get; } = new(message, type, param, code);
}
