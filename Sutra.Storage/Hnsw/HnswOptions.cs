namespace Sutra.Storage.Hnsw;

/// <summary>What a graph is built with. Fixed for its life.</summary>
internal sealed record HnswOptions
{
    /// <summary>Numbers in each vector. 1 to 65,536.</summary>
    public required int Dimension { get; init; }

    /// <summary>Links that a new vector gets on each level; level 0 holds up to twice as many. 4 to 64, default 16.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates a new vector's links are chosen from: more is a better graph and a slower build. Default 200.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Keeps int8 codes beside the vectors: searches walk over a quarter of the bytes and compare the best in float32. Default true.</summary>
    public bool Codes { get; init; } = true;

    /// <summary>Builds on the codes too, if there are any. Default true.</summary>
    public bool BuildOnCodes { get; init; } = true;

    /// <summary>Seed of the level draw. One thread, the same seed and the same order of vectors give the same graph, bit for bit.</summary>
    public ulong Seed { get; init; } = 42;

    /// <exception cref="ArgumentOutOfRangeException">A value outside what it says above.</exception>
    public void Validate()
    {
        Check(Dimension, 1, 65_536, nameof(Dimension));
        Check(M, 4, 64, nameof(M));
        Check(EfConstruction, 1, 10_000, nameof(EfConstruction));
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} must be from {least} to {most}.");
        }
    }
}
