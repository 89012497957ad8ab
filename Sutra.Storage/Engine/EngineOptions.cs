using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;

namespace Sutra.Storage.Engine;

public sealed record EngineOptions
{
    /// <summary>The folder of everything that is kept. Made when it is missing.</summary>
    public required string DataPath { get; init; }

    public LogOptions Log { get; init; } = new();

    public SegmentOptions Segments { get; init; } = new();

    public ConceptIdentity Identity { get; init; } = new();

    /// <summary>Of all that is written. Default: nothing is sealed.</summary>
    public CollectionSeal Seal { get; init; } = CollectionSeal.Off;
}
