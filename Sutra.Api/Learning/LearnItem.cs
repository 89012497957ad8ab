using Sutra.Contracts.Api;

namespace Sutra.Api.Learning;

/// <summary>One thing to learn; the limits are those of <see cref="LearnRequest"/>.</summary>
/// <param name="ConceptId">The concept whose content, metadata, associations and owner it replaces; null: the one that its content makes it.</param>
internal sealed record LearnItem(
    string Content,
    IReadOnlyDictionary<string, string>? Metadata = null,
    IReadOnlyList<AssociationContract>? Associations = null,
    string? Owner = null,
    string? ConceptId = null);

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
/// <param name="Code">Stable: one of <see cref="Errors.ProblemCodes"/>, or the embedder's word for it.</param>
/// <param name="Message">For people; repeats nothing of the item.</param>
/// <param name="Retryable">The same item may be learned later.</param>
internal sealed record LearnItemError(string? Field, string Code, string Message, bool Retryable);
