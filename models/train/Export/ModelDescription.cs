using Sutra.Models.Train.Training;

namespace Sutra.Models.Train.Export;

/// <summary>What the model card and config.json say of a model.</summary>
public sealed record ModelDescription
{
    public required string Name { get; init; }

    public required int Dimensions { get; init; }

    public required int Pieces { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Pairs that the vocabulary was learnt from and, but for those held out, the vectors.</summary>
    public required int Pairs { get; init; }

    public required int HeldOut { get; init; }

    /// <summary>Quality on the held-out pairs, by name of what was measured; may be empty.</summary>
    public IReadOnlyList<(string Name, RetrievalQuality Quality)> Quality { get; init; } = [];

    /// <summary>A piece that occurs n times counts n^¾ times; false: n times.</summary>
    public required bool Saturated { get; init; }

    /// <summary>Markdown with what was measured of the recipe on whole sources left out; null = nothing was.</summary>
    public string? Figures { get; init; }

    /// <summary>0 = untrained.</summary>
    public required int Epochs { get; init; }

    /// <summary>The command line that makes the same files again.</summary>
    public required string Command { get; init; }

    /// <summary>Markdown list of the texts and their licences.</summary>
    public required string Sources { get; init; }

    /// <summary>Where a vector may be cut (and normalised again), smallest first; the last is the full length.</summary>
    public required IReadOnlyList<int> MatryoshkaDimensions { get; init; }

    public string Kind => Epochs == 0 ? "untrained random × IDF" : $"contrastive, {Epochs} epochs";
}
