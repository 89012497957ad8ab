using Sutra.Api.Concepts;
using Sutra.Api.Errors;
using Sutra.Contracts.Api;
using Sutra.Contracts.Concepts;

namespace Sutra.Api.Learning;

/// <summary>The limits that <see cref="LearnRequest"/> documents; all that is wrong is reported at once.</summary>
internal static class LearnValidator
{
    /// <exception cref="ApiProblem">400, with <c>errors</c>.</exception>
    public static void Check(LearnRequest request)
    {
        var errors = new FieldErrors();
        Check(request.Content, request.Metadata, request.Associations, request.Owner, errors);
        if (request.Collection is { } collection)
        {
            CheckCollection(collection, errors);
        }

        errors.ThrowIfAny();
    }

    /// <returns>The first field that is wrong, and all that is wrong with it; null when nothing is.</returns>
    public static LearnItemError? Check(LearnItem item)
    {
        var errors = new FieldErrors();
        Check(item.Content, item.Metadata, item.Associations, item.Owner, errors);
        if (item.ConceptId is { } id && !ConceptId.TryParse(id, out _))
        {
            errors.Add("id", "A concept id has 16 hex digits.");
        }

        return errors.First is var (field, error) ? new LearnItemError(field, ProblemCodes.InvalidRequest, error, Retryable: false) : null;
    }

    public static void CheckScope(string? collection, string? owner, FieldErrors errors)
    {
        if (collection is not null)
        {
            CheckCollection(collection, errors);
        }

        CheckOwner(owner, errors);
    }

    public static void CheckCollection(string collection, FieldErrors errors)
    {
        if (!CollectionLimits.IsName(collection))
        {
            errors.Add(
                "collection", $"A collection's name has 1 to {CollectionLimits.Name} of a-z, 0-9, - and _, beginning with a letter or digit.");
        }
    }

    public static void CheckMetadata(IReadOnlyDictionary<string, string>? metadata, FieldErrors errors)
    {
        if (metadata is null)
        {
            return;
        }

        if (metadata.Count > ConceptLimits.MetadataPairs)
        {
            errors.Add("metadata", $"There are more than {ConceptLimits.MetadataPairs} pairs.");
        }

        // Which pair is not said: keys are the caller's own words.
        if (metadata.Keys.Any(key => key.Length == 0 || !Fits(key, ConceptLimits.MetadataKey)))
        {
            errors.Add("metadata", $"Keys must have 1 to {ConceptLimits.MetadataKey} bytes of UTF-8.");
        }

        if (metadata.Values.Any(value => value is null))
        {
            errors.Add("metadata", "Values must be strings, not null.");
        }

        if (metadata.Values.Any(value => value is not null && !Fits(value, ConceptLimits.MetadataValue)))
        {
            errors.Add("metadata", $"Values must have at most {ConceptLimits.MetadataValue} bytes of UTF-8.");
        }
    }

    private static void Check(
        string? content,
        IReadOnlyDictionary<string, string>? metadata,
        IReadOnlyList<AssociationContract>? associations,
        string? owner,
        FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(content))
        {
            errors.Add("content", "Content is required, and not only white space.");
        }
        else if (!Fits(content, ConceptLimits.Content))
        {
            errors.Add("content", "Content is larger than 1 MiB of UTF-8.");
        }

        CheckMetadata(metadata, errors);
        CheckAssociations(associations, errors);
        CheckOwner(owner, errors);
    }

    private static void CheckOwner(string? owner, FieldErrors errors)
    {
        if (owner is not null && !Fits(owner, ConceptLimits.Owner))
        {
            errors.Add("owner", $"An owner has at most {ConceptLimits.Owner} bytes of UTF-8.");
        }
    }

    private static void CheckAssociations(IReadOnlyList<AssociationContract>? associations, FieldErrors errors)
    {
        if (associations is null)
        {
            return;
        }

        if (associations.Count > ConceptLimits.Associations)
        {
            errors.Add("associations", $"There are more than {ConceptLimits.Associations} associations.");
            return;
        }

        for (var i = 0; i < associations.Count; i++)
        {
            var field = $"associations[{i}]";
            if (associations[i] is not { } association)
            {
                errors.Add(field, "An association must be an object, not null.");
                continue;
            }

            if (!ConceptId.TryParse(association.ConceptId, out _))
            {
                errors.Add($"{field}.concept_id", "A concept id has 16 hex digits.");
            }

            if (string.IsNullOrWhiteSpace(association.Type) || !Fits(association.Type, ConceptLimits.AssociationType))
            {
                errors.Add($"{field}.type", $"A type has 1 to {ConceptLimits.AssociationType} bytes of UTF-8, not only white space.");
            }

            if (association.Weight is not (>= 0 and <= 1))
            {
                errors.Add($"{field}.weight", "A weight is 0 to 1.");
            }
        }
    }

    // Text that is no Unicode has no length, and was refused with the JSON that it came in.
    private static bool Fits(string text, int bytes) => ConceptLimits.Bytes(text) <= bytes;
}
