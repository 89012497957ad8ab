namespace Sutra.Storage.Search;

/// <summary>How the two legs of a search, vectors and words, become one ranking.</summary>
public enum Fusion
{
    /// <summary>Weight by weight: TextWeight · BM25 / best BM25 + VectorWeight · cosine.</summary>
    WeightedSum = 0,

    /// <summary>Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): the sum of weight / (60 + rank) over the legs.</summary>
    ReciprocalRank = 1,
}

/// <summary>Settings of one search.</summary>
/// <param name="VectorWeight">Of the cosine; default 0.8, tuned on three sources that were used for nothing else (models/README.md). 0 leaves the leg out.</param>
/// <param name="TextWeight">Of BM25; default 1. 0 leaves the leg out.</param>
/// <param name="Fusion">Default the weighted sum.</param>
/// <param name="Candidates">Of each leg; at least as many as are wanted. Default 100.</param>
public sealed record HybridOptions(float VectorWeight = 0.8f, float TextWeight = 1, Fusion Fusion = Fusion.WeightedSum, int Candidates = 100)
{
    public static HybridOptions Default { get; } = new();
}

/// <summary>What one leg says of a concept.</summary>
/// <param name="Score">Cosine, or BM25; 0 when the leg has nothing to say of it.</param>
/// <param name="Rank">Among the leg's candidates, from 1; 0 when it is not one of them.</param>
public readonly record struct LegScore(float Score, int Rank);
