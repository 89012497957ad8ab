namespace Sutra.Storage.Hnsw;

/// <summary>The level of a new vector: floor(-ln(U) / ln(M)), section 4.1 of the paper.</summary>
internal static class LevelDraw
{
    // One in M^16 gets there; a graph of that height holds more than can be numbered.
    private const int Highest = 16;

    /// <summary>Depends on the slot and the seed alone, so threads that add at once draw the same levels in any order.</summary>
    public static int Of(uint slot, ulong seed, int m)
    {
        // SplitMix64 (Steele, Lea and Flood 2014).
        var z = seed + (slot + 1UL) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        z ^= z >> 31;
        var uniform = ((z >> 11) + 1) * (1.0 / (1UL << 53));
        return Math.Min((int)(-Math.Log(uniform) / Math.Log(m)), Highest);
    }
}
