using System.Diagnostics;
using System.Text;
using Sutra.Storage.Associations.Extraction;

namespace Sutra.Bench.Storage;

/// <summary>How fast entities are found, on one core: the whole of each text is looked through, although a concept needs no more than 64.</summary>
internal static class ExtractBench
{
    private const double Seconds = 2;

    public static void Run()
    {
        Measure("prose", i => $"It was {2000 + (i % 25)} when the committee met again in the old town hall, and nobody remembered what Angela Merkel had said about the budget of the previous year; they went home early. ");
        Measure("prices", i => $"Apple Inc. (AAPL) closed at {100 + (i % 900)}.{i % 100:d2} on 2024-{1 + (i % 12):d2}-{1 + (i % 28):d2}, up {i % 9}.{i % 10}% from the day before with a volume of {i * 37} shares. ");
        Measure("Cyrillic", i => $"В {2000 + (i % 25)} году комитет снова собрался в старой ратуше, и никто не помнил, что Анна Ахматова говорила о бюджете прошлого года. ");
        Measure("Han", _ => "委员会再次在旧市政厅开会，没有人记得她对去年预算说过什么，他们很早就回家了。");
        Measure("lower case", _ => "the committee met again in the old town hall and nobody remembered what had been said about the budget of the previous year ");
    }

    private static void Measure(string kind, Func<int, string> sentence)
    {
        var texts = Enumerable.Range(0, 2000).Select(i => Encoding.UTF8.GetBytes(sentence(i) + sentence(i + 7))).ToArray();
        var collector = new EntityCollector();
        foreach (var text in texts)
        {
            EntityExtractor.Extract(text, collector);
            collector.Clear();
        }

        long bytes = 0, entities = 0, count = 0;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < Seconds)
        {
            foreach (var text in texts)
            {
                collector.Clear();
                EntityExtractor.Extract(text, collector);
                (bytes, entities, count) = (bytes + text.Length, entities + collector.Count, count + 1);
            }
        }

        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine($"extract, {kind,-12} {bytes / seconds / 1e6,6:n0} MB/s a core, {entities / (double)count:n1} entities in {bytes / count} bytes, {seconds / count * 1e6:n1} us a text");
    }
}
