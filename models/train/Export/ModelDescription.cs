namespace Sutra.Models.Train.Export;

/// <summary>What the model card and config.json say of a model.</summary>
public sealed record ModelDescription
{
    public required string Name { get; init; }

    public required int Dimensions { get; init; }

    public required int Pieces { get; init; }

    public required ulong Seed { get; init; }

    public required int Pairs { get; init; }

    /// <summary>0 = untrained.</summary>
    public required int Epochs { get; init; }

    /// <summary>The command line that makes the same files again.</summary>
    public required string Command { get; init; }

    /// <summary>Markdown list of the texts and their licences.</summary>
    public required string Sources { get; init; }

    /// <summary>Where a vector may be cut (and normalised again), smallest first; the last is the full length.</summary>
    public IReadOnlyList<int> MatryoshkaDimensions => [.. new[] { 64, 128, Dimensions }.Where(d => d <= Dimensions).Distinct()];

    public string Kind => Epochs == 0 ? "untrained random × IDF" : $"contrastive, {Epochs} epochs";
}
