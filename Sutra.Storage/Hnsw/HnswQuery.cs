namespace Sutra.Storage.Hnsw;

/// <summary>What is asked of a search.</summary>
/// <param name="K">Vectors wanted. At least 1; fewer come back only if there are no more.</param>
internal readonly record struct HnswQuery(int K)
{
    /// <summary>Candidates kept while walking: more find more and take longer. At least <see cref="K"/> are kept. Default 64.</summary>
    public int Ef { get; init; } = 64;

    /// <summary>Of a walk over codes, the best K times this are compared in float32. At least 1, default 3.</summary>
    public float Oversample { get; init; } = 3;

    /// <summary>Walks over the codes, if the index has any. Default true.</summary>
    public bool UseCodes { get; init; } = true;

    /// <summary>The only slots that may be found; null for all.</summary>
    public SlotBitmap? Allowed { get; init; }

    /// <summary>Ends a comparison of all; a walk is short.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Forces a way, for measurements and tests. Null, the default, lets <see cref="SearchPlan"/> choose.</summary>
    public SearchWay? Way { get; init; }
}

/// <summary>One vector found.</summary>
/// <param name="Slot">Its number.</param>
/// <param name="Score">Cosine similarity to the query, -1 to 1, computed in float32.</param>
internal readonly record struct Neighbour(uint Slot, float Score);
