using System.Collections.ObjectModel;
using Sutra.Storage.Associations;
using Sutra.Storage.Search;

namespace Sutra.Storage.Concepts;

/// <summary>What is learned: text with its vector and whatever belongs to it.</summary>
/// <param name="Content">1 byte to 1 MiB of UTF-8.</param>
/// <param name="Metadata">Up to 64 pairs.</param>
/// <param name="Embedding">Finite, not all zeros, of the same dimension for every concept of a model. Need not be normalised.</param>
/// <param name="Associations">Up to 64, to concepts that may exist or not.</param>
/// <param name="Model">Identity of the model that made the embedding; vectors of different models are never compared.</param>
public sealed record NewConcept(
    string Content,
    IReadOnlyDictionary<string, string> Metadata,
    ReadOnlyMemory<float> Embedding,
    IReadOnlyList<Association> Associations,
    string Model)
{
    /// <summary>Whom it is about or belongs to: a data subject, whose concepts can be erased together. Empty for nobody in particular.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Replaces the concept that has this id, whatever its content was. Null: the id follows from the content.</summary>
    public ConceptId? Id { get; init; }

    /// <summary>With <see cref="Id"/>: also makes it when there is none with that id.</summary>
    public bool Restores { get; init; }

    /// <summary>When it was learned, of one that is restored. Null: now.</summary>
    public DateTimeOffset? LearnedAt { get; init; }

    // Not the members: they are user text, and a record's string ends up in logs.
    public override string ToString() => $"{nameof(NewConcept)} of {Content.Length} characters, {Embedding.Length} dimensions";
}

/// <summary>A concept as it was learned, bit for bit.</summary>
public sealed record Concept(
    ConceptId Id,
    string Content,
    IReadOnlyDictionary<string, string> Metadata,
    ReadOnlyMemory<float> Embedding,
    IReadOnlyList<Association> Associations,
    string Model,
    DateTimeOffset LearnedAt)
{
    /// <summary>The data subject; empty for nobody in particular.</summary>
    public string Owner { get; init; } = "";

    public override string ToString() => $"{nameof(Concept)} {Id}";
}

/// <param name="Weight">0 to 1.</param>
public readonly record struct Association(ConceptId Target, string Type, float Weight);

/// <param name="Created">False: the content was known, or an id was given, and its record was replaced.</param>
public readonly record struct LearnResult(ConceptId Id, bool Created);

/// <summary>What became of one of many.</summary>
/// <param name="Refusal">Why it was not learned; null when it was.</param>
public readonly record struct LearnOutcome(LearnResult Result, Exception? Refusal);

/// <summary>There is no concept with the id that was to be replaced.</summary>
public sealed class ConceptNotFoundException() : Exception("There is no concept with this id.");

/// <summary>A concept was to be replaced by content that another one has: no two ever have the same.</summary>
public sealed class ContentExistsException() : Exception("Another concept has this content.");

/// <param name="Score">Cosine similarity, -1 to 1, of a search by vector; of both legs together otherwise.</param>
/// <param name="Vector">Of the leg of vectors.</param>
/// <param name="Text">Of the leg of words.</param>
/// <param name="Graph">Of the leg of associations.</param>
/// <param name="Path">From which other hit, and along what, that leg came to it; null when it did not.</param>
public readonly record struct SearchHit(
    StoredConcept Concept,
    float Score,
    LegScore Vector = default,
    LegScore Text = default,
    LegScore Graph = default,
    IReadOnlyList<AssociationStep>? Path = null);

/// <summary>What a search found, best first.</summary>
/// <param name="hits">Best first.</param>
/// <param name="complete">See <see cref="Complete"/>.</param>
public sealed class SearchHits(IList<SearchHit> hits, bool complete) : ReadOnlyCollection<SearchHit>(hits)
{
    /// <summary>False: an expansion came to the end of what it may look at, and something better may have been missed.</summary>
    public bool Complete { get; } = complete;
}
