using System.Diagnostics;
using System.Globalization;

namespace Sutra.Examples.Finance.Evaluate;

internal static class Ingest
{
    private const int Clients = 16;

    public static async Task RunAsync(ApiClient api, IReadOnlyList<OhlcvRow> rows)
    {
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (row, _) => await api.LearnAsync(row));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"learned in {watch.Elapsed.TotalSeconds:F0} s, {rows.Count / watch.Elapsed.TotalSeconds:F0} concepts/s"));
    }
}
