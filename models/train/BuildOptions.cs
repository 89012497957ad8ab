namespace Sutra.Models.Train;

/// <summary>What <see cref="ModelBuilder"/> is to make.</summary>
/// <param name="PairsPath">Lines <c>anchor&lt;TAB&gt;positive</c>; <c>.gz</c> too.</param>
/// <param name="OutputFolder">Created when missing; its files are overwritten.</param>
public sealed record BuildOptions(string PairsPath, string OutputFolder)
{
    /// <summary>A Markdown list of the texts and their licences, for the model card; null = "not stated".</summary>
    public string? SourcesPath { get; init; }

    public string Name { get; init; } = "sutra-static";

    /// <summary>Default 256.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>Pieces, 4,000 to 65,535; default 30,000.</summary>
    public int VocabularySize { get; init; } = 30_000;

    /// <summary>Rarer words teach the vocabulary nothing; default 4.</summary>
    public int MinimumCount { get; init; } = 4;

    /// <summary>Times that training goes through the pairs; default 3, 0 = leave the vectors random × IDF.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Pairs per training step, a multiple of 16; default 1024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Pairs at the end of the file that training does not see, to measure with; default 2,000.</summary>
    public int HeldOut { get; init; } = 2000;

    public ulong Seed { get; init; } = 1;

    /// <summary>Pairs to read; 0 (default) = all.</summary>
    public int Limit { get; init; }

    /// <summary>Changes the speed, never the result.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
