using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Collections;

/// <summary>How a collection is kept. Fixed when it is made, except <see cref="EfSearch"/> and <see cref="TimeToLive"/>.</summary>
public sealed record CollectionSettings
{
    private static readonly SegmentOptions s_segments = new();

    /// <summary>The only model whose vectors it takes; empty: that of the first concept, for as long as there is one.</summary>
    public string Model { get; init; } = "";

    /// <summary>The only dimension it takes, 1 to 65,536; 0: that of the first concept.</summary>
    public int Dimension { get; init; }

    /// <summary>Takes vectors of several models side by side, each compared with its own only. Default false; true for the default collection.</summary>
    public bool ManyModels { get; init; }

    /// <summary>Links of a vector, 4 to 64; default 16.</summary>
    public int M { get; init; } = s_segments.M;

    /// <summary>Candidates that a vector's links are chosen from, 1 to 10,000; default 200.</summary>
    public int EfConstruction { get; init; } = s_segments.EfConstruction;

    /// <summary>Candidates that a search keeps, 1 to 10,000; default 96.</summary>
    public int EfSearch { get; init; } = s_segments.EfSearch;

    /// <summary>Whose word endings are removed; default English.</summary>
    public TextLanguage Language { get; init; } = s_segments.Language;

    /// <summary>Concepts are removed so long after they were learned, checked every minute; 1 second to 100 years. Null, the default: they stay.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Concepts that are removed earlier, at most 16; default none. Each counts for itself: the shortest that fits a concept decides.</summary>
    public IReadOnlyList<ExpiryRule> Expiry { get; init; } = [];
}

/// <summary>Concepts whose metadata key has exactly this value are removed so long after they were learned.</summary>
/// <param name="Key">Of the metadata, 1 to 256 bytes of UTF-8.</param>
/// <param name="Value">At most 4,096 bytes of UTF-8.</param>
/// <param name="After">1 second to 100 years.</param>
public sealed record ExpiryRule(string Key, string Value, TimeSpan After)
{
    // Not the members: they are user text.
    public override string ToString() => $"{nameof(ExpiryRule)} after {After}";
}

/// <summary>A collection, as it is listed.</summary>
/// <param name="Name">By which it is called.</param>
/// <param name="Id">No other collection ever has it.</param>
/// <param name="Aliases">Other names of it, sorted.</param>
public sealed record CollectionInfo(string Name, Guid Id, CollectionSettings Settings, DateTimeOffset CreatedAt, IReadOnlyList<string> Aliases)
{
    /// <summary>It is being made to take another's place.</summary>
    public Replacement? Replacement { get; init; }
}
