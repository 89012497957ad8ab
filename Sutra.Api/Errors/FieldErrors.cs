namespace Sutra.Api.Errors;

/// <summary>Gathers what is wrong with a request, by field.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    /// <summary>The field that was found wrong first, and all that is wrong with it; null when nothing is.</summary>
    public (string Field, string Error)? First { get; private set; }

    public void Add(string field, string error)
    {
        if (!_errors.TryGetValue(field, out var errors))
        {
            _errors[field] = errors = [];
        }

        errors.Add(error);
        if (First is not var (first, all))
        {
            First = (field, error);
        }
        else if (first == field)
        {
            First = (field, $"{all} {error}");
        }
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
