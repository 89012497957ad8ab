using System.Globalization;

namespace Sutra.Bench.Embedder;

/// <summary>What rounds gave, for people: the median, and how far the rounds lay apart.</summary>
internal static class Figures
{
    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <param name="share">0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    public static void Print(string name, string unit, IReadOnlyList<double> values, string format = "N1") =>
        Say($"{name,-52} {Median(values).ToString(format, CultureInfo.InvariantCulture),10} {unit}  ({values.Min().ToString(format, CultureInfo.InvariantCulture)} to {values.Max().ToString(format, CultureInfo.InvariantCulture)}, {values.Count} rounds)");

    /// <summary>Median of the ratios round by round: both sides of a round met the same machine.</summary>
    public static void PrintRatio(string name, IReadOnlyList<double> ours, IReadOnlyList<double> theirs)
    {
        var ratios = ours.Zip(theirs, (a, b) => a / b).ToArray();
        Say($"{name,-52} {Median(ratios).ToString("F3", CultureInfo.InvariantCulture),10} ×  ({ratios.Min():F3} to {ratios.Max():F3})");
    }

    public static void Say(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
