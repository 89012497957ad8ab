using Sutra.Storage.Concepts;
using Sutra.Storage.Log;

namespace Sutra.Storage.Engine;

public sealed record EngineOptions
{
    /// <summary>The folder of everything that is kept. Made when it is missing.</summary>
    public required string DataPath { get; init; }

    public LogOptions Log { get; init; } = new();

    public ConceptIdentity Identity { get; init; } = new();
}

/// <param name="LogBytes">On the disk.</param>
/// <param name="VectorBytes">In memory.</param>
/// <param name="Failure">Why no write is taken any more; null while they are.</param>
public readonly record struct EngineStatistics(long Concepts, long LogBytes, long VectorBytes, string? Failure, IReadOnlyDictionary<string, long> ConceptsByModel);
