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

    /// <summary>The only model it takes; empty, the default: any.</summary>
    public string Model { get; init; } = "";

    /// <summary>The only dimension it takes; 0, the default: any.</summary>
    public int Dimension { get; init; }

    /// <summary>Vectors of several models may lie side by side. Default true; otherwise the first concept says which it is, for as long as there is one.</summary>
    public bool ManyModels { get; init; } = true;

    /// <summary>Held while segments are merged, so that of several engines one does at a time. Default: nobody waits.</summary>
    public SemaphoreSlim? Merging { get; init; }

    /// <summary>For looking only: no threads move or merge anything, and nothing that a stop left is removed. Default false. Only a log's torn end is still cut.</summary>
    public bool Quiet { get; init; }

    /// <summary>Of all that is written. Default: nothing is sealed.</summary>
    public CollectionSeal Seal { get; init; } = CollectionSeal.Off;
}
