namespace Sutra.Api.Errors;

/// <summary>Gathers what is wrong with a request, by field.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public void Add(string field, string error)
    {
        if (!_errors.TryGetValue(field, out var errors))
        {
            _errors[field] = errors = [];
        }

        errors.Add(error);
    }

    /// <exception cref="ApiProblem">400.</exception>
    public void ThrowIfAny()
    {
        if (_errors.Count > 0)
        {
            throw ApiProblem.Invalid(_errors.ToDictionary(field => field.Key, field => field.Value.ToArray(), StringComparer.Ordinal));
        }
    }
}
