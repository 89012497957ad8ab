using Google.Protobuf.Collections;
using Sutra.Api.Errors;
using Sutra.Contracts.Api;

namespace Sutra.Api.Learning;

/// <summary>One thing to learn; the limits are those of <see cref="LearnRequest"/>.</summary>
/// <param name="ConceptId">The concept whose content, metadata, associations and owner it replaces; null: the one that its content makes it.</param>
/// <param name="Copy">It was learned before, somewhere: <paramref name="ConceptId"/> need not be there yet.</param>
internal sealed record LearnItem(
    string Content,
    IReadOnlyDictionary<string, string>? Metadata = null,
    IReadOnlyList<AssociationContract>? Associations = null,
    string? Owner = null,
    string? ConceptId = null,
    ConceptCopy? Copy = null);

/// <summary>What a copy of a concept brings along.</summary>
/// <param name="LearnedAt">Kept, with an id; null: now.</param>
/// <param name="Model">Identity of the model that made the vector.</param>
/// <param name="Vector">Is used where the collection has this model, and made anew where it has another; null: is made.</param>
internal sealed record ConceptCopy(DateTimeOffset? LearnedAt, string? Model, RepeatedField<float>? Vector);

/// <summary>What became of an item.</summary>
/// <param name="ConceptId">Null when it was not learned.</param>
/// <param name="Created">False when it replaced what was known.</param>
/// <param name="Truncated">The content is longer than the model reads.</param>
/// <param name="Error">Why it was not learned.</param>
internal sealed record LearnOutcome(string? ConceptId, bool Created, bool Truncated, LearnItemError? Error)
{
    public static LearnOutcome Failed(LearnItemError error) => new(null, Created: false, Truncated: false, error);
}

/// <summary>Why an item was not learned.</summary>
/// <param name="Field">By its JSON name; null when it was none of the item's.</param>
/// <param name="Code">Stable: one of <see cref="ProblemCodes"/>, or the embedder's word for it.</param>
/// <param name="Message">For people; repeats nothing of the item.</param>
/// <param name="Retryable">The same item may be learned later.</param>
internal sealed record LearnItemError(string? Field, string Code, string Message, bool Retryable)
{
    /// <summary>As an item's own: its first field that is wrong, if it is one's fault.</summary>
    public static LearnItemError Of(ApiProblem problem) => problem.Errors?.FirstOrDefault() is { Key: { } field } error
        ? new LearnItemError(field, problem.Code, error.Value[0], Retryable: false)
        : new LearnItemError(null, problem.Code, problem.Message, problem.Status >= StatusCodes.Status500InternalServerError);

    public ItemError ToContract() => new(Code, Field, Message, Retryable);
}
