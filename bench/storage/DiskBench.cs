using System.Diagnostics;
using Sutra.Storage.Files;

namespace Sutra.Bench.Storage;

/// <summary>What the disk can do: appending one record of 2 KiB at a time, a flush after each. The bound of everything durable.</summary>
internal static class DiskBench
{
    public static void Run(string path)
    {
        using var file = new DiskFileSystem().Create(path);
        var record = new byte[2048];
        var times = new List<double>();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(3))
        {
            var started = Stopwatch.GetTimestamp();
            file.Write(record, times.Count * (long)record.Length);
            file.Flush();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        Console.WriteLine($"write + fsync of 2 KiB, one at a time: {times.Count / watch.Elapsed.TotalSeconds:n0}/s, p50 {Percentile.Of(times, 0.5):n0} us, p99 {Percentile.Of(times, 0.99):n0} us");
    }
}

internal static class Percentile
{
    public static double Of(List<double> values, double share)
    {
        values.Sort();
        return values[Math.Min((int)(values.Count * share), values.Count - 1)];
    }
}
