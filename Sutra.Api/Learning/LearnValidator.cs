using System.Text;
using Sutra.Api.Concepts;
using Sutra.Api.Errors;
using Sutra.Contracts.Api;

namespace Sutra.Api.Learning;

/// <summary>The limits that <see cref="LearnRequest"/> documents; all that is wrong is reported at once.</summary>
internal static class LearnValidator
{
    public const int MaxContentBytes = 1024 * 1024;
    public const int MaxPairs = 64;
    public const int MaxKeyLength = 128;
    public const int MaxValueLength = 4096;
    public const int MaxAssociations = 64;
    public const int MaxTypeLength = 64;

    /// <exception cref="ApiProblem">400, with <c>errors</c>.</exception>
    public static void Check(LearnRequest request)
    {
        var errors = new FieldErrors();
        if (string.IsNullOrWhiteSpace(request.Content))
        {
            errors.Add("content", "Content is required, and not only white space.");
        }
        else if (Encoding.UTF8.GetByteCount(request.Content) > MaxContentBytes)
        {
            errors.Add("content", "Content is larger than 1 MiB of UTF-8.");
        }

        CheckMetadata(request.Metadata, errors);
        CheckAssociations(request.Associations, errors);
        errors.ThrowIfAny();
    }

    private static void CheckMetadata(IReadOnlyDictionary<string, string>? metadata, FieldErrors errors)
    {
        if (metadata is null)
        {
            return;
        }

        if (metadata.Count > MaxPairs)
        {
            errors.Add("metadata", $"There are more than {MaxPairs} pairs.");
        }

        // Which pair is not said: keys are the caller's own words.
        if (metadata.Keys.Any(key => key.Length is 0 or > MaxKeyLength))
        {
            errors.Add("metadata", $"Keys must have 1 to {MaxKeyLength} characters.");
        }

        if (metadata.Values.Any(value => value is null))
        {
            errors.Add("metadata", "Values must be strings, not null.");
        }

        if (metadata.Values.Any(value => value?.Length > MaxValueLength))
        {
            errors.Add("metadata", $"Values must have at most {MaxValueLength} characters.");
        }
    }

    private static void CheckAssociations(IReadOnlyList<AssociationContract>? associations, FieldErrors errors)
    {
        if (associations is null)
        {
            return;
        }

        if (associations.Count > MaxAssociations)
        {
            errors.Add("associations", $"There are more than {MaxAssociations} associations.");
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

            if (string.IsNullOrWhiteSpace(association.Type) || association.Type.Length > MaxTypeLength)
            {
                errors.Add($"{field}.type", $"A type has 1 to {MaxTypeLength} characters.");
            }

            if (association.Weight is not (>= 0 and <= 1))
            {
                errors.Add($"{field}.weight", "A weight is 0 to 1.");
            }
        }
    }
}
