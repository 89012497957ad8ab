namespace Sutra.Bench.Storage.Vectors;

/// <summary>Something that is measured: it answers all queries once, on one thread.</summary>
internal interface IVectorEngine : IDisposable
{
    string Name { get; }

    /// <summary>Builds, or takes what an earlier run left beside the data.</summary>
    /// <returns>Null if nothing was built.</returns>
    BuildFigures? Build(int threads, bool reuse);

    /// <summary>Answers the first <paramref name="queries"/> queries.</summary>
    Pass Search(int queries, int ef, Filter? filter);
}

/// <param name="WallSeconds">By the clock.</param>
/// <param name="CpuSeconds">Of the process that did it.</param>
/// <param name="Resident">Bytes a vector that must be in memory to search.</param>
/// <param name="WithVectors">The same with the float32 rows.</param>
internal readonly record struct BuildFigures(double WallSeconds, double CpuSeconds, double Resident, double WithVectors);

/// <param name="Ids">Ten a query; uint.MaxValue where there is none.</param>
internal readonly record struct Pass(double WallSeconds, double CpuSeconds, uint[] Ids);

internal static class Ks
{
    public const int K = 10;
}
