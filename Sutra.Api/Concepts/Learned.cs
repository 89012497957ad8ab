using Sutra.Api.Learning;

namespace Sutra.Api.Concepts;

/// <summary>What the storage made of one of many concepts.</summary>
/// <param name="ConceptId">Null when it was refused.</param>
/// <param name="Created">False when it replaced what was known.</param>
/// <param name="Error">Why it was refused.</param>
internal readonly record struct Learned(string? ConceptId, bool Created, LearnItemError? Error);
