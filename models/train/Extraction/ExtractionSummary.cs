namespace Sutra.Models.Train.Extraction;

/// <summary>What an extraction did.</summary>
/// <param name="FilesRead">Files that were read to their end.</param>
/// <param name="Pairs">Lines written.</param>
/// <param name="PairsBySource">Pairs found, before boilerplate was left out.</param>
/// <param name="FilesSkipped">Number by reason.</param>
/// <param name="PairsSkipped">Number by reason; headings without a pair among them.</param>
public sealed record ExtractionSummary(
    int FilesRead,
    int Pairs,
    IReadOnlyDictionary<string, int> PairsBySource,
    IReadOnlyDictionary<string, int> FilesSkipped,
    IReadOnlyDictionary<string, int> PairsSkipped);

/// <summary>How far an extraction is.</summary>
public readonly record struct ExtractionProgress(int Files, int AllFiles, int Pairs);
