namespace Sutra.Embedder.Http;

/// <summary>A request that is answered with an error, in whatever shape errors have on its path.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">For people; never repeats their text.</param>
/// <param name="parameter">The field that is wrong, if one is.</param>
/// <param name="code">For programs, e.g. <c>model_not_found</c>.</param>
internal sealed class RefusalException(int status, string message, string? parameter = null, string? code = null) : Exception(message)
{
    /// <summary>A 400 that blames a field.</summary>
    public RefusalException(string message, string? parameter, string? code = null)
        : this(StatusCodes.Status400BadRequest, message, parameter, code)
    {
    }

    public int Status { get; } = status;

    public string? Parameter { get; } = parameter;

    public string? Code { get; } = code;

    /// <summary>When to try again; null: trying again changes nothing.</summary>
    public int? RetryAfterSeconds { get; init; }
}
