using Sutra.Api.Errors;

namespace Sutra.Api.Learning;

/// <summary>What of a request stands in its query string: the collection, and whom what is learned is about.</summary>
internal sealed record RequestScope(string? Collection, string? Owner)
{
    /// <exception cref="ApiProblem">400.</exception>
    public static RequestScope Of(HttpRequest request)
    {
        var errors = new FieldErrors();
        var scope = Read(request, errors);
        errors.ThrowIfAny();
        return scope;
    }

    public static RequestScope Read(HttpRequest request, FieldErrors errors)
    {
        var scope = new RequestScope(One(request, "collection", errors), One(request, "owner", errors));
        LearnValidator.CheckScope(scope.Collection, scope.Owner, errors);
        return scope;
    }

    /// <summary>A parameter that may stand there once; null when it does not.</summary>
    public static string? One(HttpRequest request, string name, FieldErrors errors)
    {
        var values = request.Query[name];
        if (values.Count > 1)
        {
            errors.Add(name, "It must be given once.");
        }

        return values.Count == 0 ? null : values[0];
    }
}
