using Sutra.Api.Errors;
using Sutra.Contracts.Api;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Collections;

/// <summary>The limits that the contracts document; all that is wrong is reported at once.</summary>
internal static class CollectionValidator
{
    private static readonly string[] s_languages = ["None", "English", "German", "French", "Spanish", "Italian", "Portuguese", "Dutch"];

    /// <exception cref="ApiProblem">400, with <c>errors</c>.</exception>
    public static void Check(CreateCollectionRequest request)
    {
        var errors = new FieldErrors();
        Name(request.Name, "name", errors);
        Range(request.M, CollectionLimits.MinM, CollectionLimits.MaxM, "m", errors);
        Range(request.EfConstruction, 1, CollectionLimits.MaxEf, "ef_construction", errors);
        Range(request.EfSearch, 1, CollectionLimits.MaxEf, "ef_search", errors);
        if (request.Language is { } language && !s_languages.Contains(language, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add("language", $"A language is one of {string.Join(", ", s_languages)}.");
        }

        Seconds(request.TimeToLiveSeconds, 1, "time_to_live_seconds", errors);
        Rules(request.Expiry, errors);
        errors.ThrowIfAny();
    }

    /// <exception cref="ApiProblem">400, with <c>errors</c>.</exception>
    public static void Check(UpdateCollectionRequest request)
    {
        var errors = new FieldErrors();
        Range(request.EfSearch, 1, CollectionLimits.MaxEf, "ef_search", errors);
        Seconds(request.TimeToLiveSeconds, 0, "time_to_live_seconds", errors);
        Rules(request.Expiry, errors);
        errors.ThrowIfAny();
    }

    public static void Name(string? name, string field, FieldErrors errors)
    {
        if (!CollectionLimits.IsName(name))
        {
            errors.Add(field, $"A name has 1 to {CollectionLimits.Name} of a-z, 0-9, - and _, and begins with a letter or digit.");
        }
    }

    private static void Rules(IReadOnlyList<ExpiryRuleContract>? rules, FieldErrors errors)
    {
        if (rules?.Count > CollectionLimits.ExpiryRules)
        {
            errors.Add("expiry", $"There are more than {CollectionLimits.ExpiryRules} rules.");
            return;
        }

        for (var i = 0; i < rules?.Count; i++)
        {
            var field = $"expiry[{i}]";
            if (rules[i] is not { } rule)
            {
                errors.Add(field, "A rule must be an object, not null.");
                continue;
            }

            if (rule.Key is not { Length: > 0 } || !Fits(rule.Key, ConceptLimits.MetadataKey))
            {
                errors.Add($"{field}.key", $"A key has 1 to {ConceptLimits.MetadataKey} bytes of UTF-8.");
            }

            if (rule.Value is null || !Fits(rule.Value, ConceptLimits.MetadataValue))
            {
                errors.Add($"{field}.value", $"A value has at most {ConceptLimits.MetadataValue} bytes of UTF-8.");
            }

            Seconds(rule.AfterSeconds, 1, $"{field}.after_seconds", errors);
        }
    }

    private static void Range(int? value, int minimum, int maximum, string field, FieldErrors errors)
    {
        if (value < minimum || value > maximum)
        {
            errors.Add(field, $"{field} is {minimum} to {maximum}.");
        }
    }

    private static void Seconds(long? value, long minimum, string field, FieldErrors errors)
    {
        if (value < minimum || value > CollectionLimits.MaxSeconds)
        {
            errors.Add(field, $"It is {minimum} to {CollectionLimits.MaxSeconds} seconds.");
        }
    }

    private static bool Fits(string text, int bytes) => ConceptLimits.Bytes(text) <= bytes;
}
