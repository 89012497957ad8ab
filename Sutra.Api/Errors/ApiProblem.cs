namespace Sutra.Api.Errors;

/// <summary>Ends a request with problem details. <paramref name="detail"/> goes to the caller: it must not repeat what the user sent.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="code">One of <see cref="ProblemCodes"/>.</param>
internal sealed class ApiProblem(int status, string code, string detail, Exception? inner = null) : Exception(detail, inner)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>What is wrong with each field, by its JSON name.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; private init; }

    /// <summary>The part of Sutra that could not do its work.</summary>
    public string? Component { get; private init; }

    /// <summary>When to try again, for 503.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public static ApiProblem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, "The request is not valid; `errors` says which fields and why.") { Errors = errors };

    public static ApiProblem Invalid(string field, string error) => Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [error] });

    /// <summary>As <see cref="Invalid(string, string)"/>, with a status and code of its own.</summary>
    public static ApiProblem OfField(int status, string code, string field, string error) =>
        new(status, code, error) { Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [error] } };

    public static ApiProblem ConceptNotFound() =>
        new(StatusCodes.Status404NotFound, ProblemCodes.ConceptNotFound, "There is no concept with this id.");

    public static ApiProblem Unavailable(string component, string detail, Exception? inner = null) =>
        new(StatusCodes.Status503ServiceUnavailable, $"{component}_unavailable", detail, inner)
        {
            Component = component,
            RetryAfter = TimeSpan.FromSeconds(2),
        };
}
