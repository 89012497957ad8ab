using System.Collections.ObjectModel;
using Sutra.Embedder.Models;

namespace Sutra.Embedder.Catalog;

/// <summary>A model that we know by name, with all that its choice and its download need. In JSON: snake_case, see catalog.json.</summary>
public sealed record CatalogEntry
{
    /// <summary>What callers ask for, e.g. <c>all-MiniLM-L6-v2</c>; unique.</summary>
    public required string Id { get; init; }

    /// <summary><c>owner/name</c> on the hub; null for the model that comes with Sutra.</summary>
    public string? Repository { get; init; }

    /// <summary>The commit that the checksums belong to, 40 hex digits; null where <see cref="Repository"/> is.</summary>
    public string? Revision { get; init; }

    /// <summary>Where a person reads about it.</summary>
    public Uri? Url { get; init; }

    /// <summary>SPDX identifier, e.g. <c>Apache-2.0</c>.</summary>
    public required string Licence { get; init; }

    /// <summary>ISO 639-1 codes, or <c>multilingual</c>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Components of a whole vector.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Sizes that vectors may be cut to, ascending; empty when only <see cref="Dimensions"/> is legal.</summary>
    public IReadOnlyList<int> MatryoshkaDimensions { get; init; } = [];

    /// <summary>Most tokens, special ones included, that it reads of a text.</summary>
    public required int MaxTokens { get; init; }

    /// <summary><c>mean</c>, <c>cls</c> or <c>lasttoken</c>.</summary>
    public required string Pooling { get; init; }

    /// <summary>What goes before a text, by what the text is for: <c>query</c>, <c>document</c>, …; empty when nothing does.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>How many weights it has.</summary>
    public required long Parameters { get; init; }

    /// <summary>1 is the best of the catalog; a rough guide for choosing, meant to follow published retrieval averages (English, MTEB), not looked up anew.</summary>
    public required int QualityRank { get; init; }

    /// <summary>
    /// Work per token next to all-MiniLM-L6-v2, which is 1: by weights that take part in each token's arithmetic, embedding tables left
    /// out. A guide for choosing, not a measurement.
    /// </summary>
    public required double RelativeCost { get; init; }

    /// <summary>The graphs that may be chosen, the default first; empty for the model that comes with Sutra.</summary>
    public IReadOnlyList<CatalogQuantization> Quantizations { get; init; } = [];

    /// <summary>Checksums of files that every precision shares; what is not listed is checked against what the hub declares.</summary>
    public IReadOnlyList<CatalogFile> Files { get; init; } = [];

    /// <summary>What a folder of this model may leave unsaid.</summary>
    public ModelHints ToHints() => new(MatryoshkaDimensions, Prompts);
}

/// <summary>A file at the entry's revision.</summary>
/// <param name="Path">Relative to the repository, with <c>/</c>.</param>
/// <param name="Size">In bytes; null when not known.</param>
/// <param name="Sha256">64 hex digits; null when no published value was found: then the hub's own is used, and said to be.</param>
public sealed record CatalogFile(string Path, long? Size = null, string? Sha256 = null);

/// <summary>One precision of a model.</summary>
/// <param name="Precision">One of <see cref="ModelPrecisions.Names"/>.</param>
public sealed record CatalogQuantization(string Precision, string Path, long? Size = null, string? Sha256 = null)
{
    public ModelPrecision ToPrecision() =>
        ModelPrecisions.TryParse(Precision, out var precision)
            ? precision
            : throw new ModelException($"The catalog's precision '{Precision}' is not one of {string.Join(", ", ModelPrecisions.Names)}.");

    public CatalogFile ToFile() => new(Path, Size, Sha256);
}
