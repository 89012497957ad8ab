using System.Diagnostics;
using System.Globalization;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Lexical;
using Sutra.Storage.Lexical.Analysis;
using Sutra.Storage.Search;
using Sutra.Storage.Telemetry;

namespace Sutra.Bench.Storage;

/// <summary>
/// Rows of prices, 31,000 of 30 companies, each a sentence with company, ticker, date and prices: what associations cost to learn and to store, and how long it takes to
/// go along them.
/// </summary>
internal static class AssociationBench
{
    private const string Model = "bench";
    private const int Rows = 31_000;
    private const int Companies = 30;
    private const int Dimension = 128;
    private const int Clients = 8;
    private const int Questions = 300;

    private static readonly string[] Syllables = ["Al", "Ber", "Cor", "Dan", "Et", "Fer", "Gol", "Hel", "Im", "Jor"];

    public static async Task RunAsync(string folder)
    {
        Work();
        using var telemetry = new StorageTelemetry();
        using var engine = ConceptEngine.Open(new DiskFileSystem(), new EngineOptions { DataPath = folder }, TimeProvider.System, telemetry);
        var ids = new ConceptId[Rows];
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            for (var row = Interlocked.Increment(ref next); row < Rows; row = Interlocked.Increment(ref next))
            {
                ids[row] = (await engine.LearnAsync(Concept(row))).Id;
            }
        })));
        Console.WriteLine($"learned durably   {Rows / watch.Elapsed.TotalSeconds,8:n0}/s");
        while (!engine.IsSettled)
        {
            await Task.Delay(20);
        }

        var statistics = engine.Statistics;
        Console.WriteLine($"stored            {statistics.Entities / (double)Rows:n1} entities and {statistics.Links / (double)Rows:n1} links a row, {statistics.AssociationBytes / (double)Rows:n0} of {statistics.SegmentBytes / Rows:n0} bytes a row");
        foreach (var (name, options) in new[]
        {
            ("links, entities, depth 1", new RelatedOptions(Depth: 1, NeighbourWeight: 0)),
            ("links, entities, depth 2", new RelatedOptions(NeighbourWeight: 0)),
            ("links, entities, depth 4", new RelatedOptions(Depth: 4, NeighbourWeight: 0, MinScore: 0.01f, Limit: 1000)),
            ("all, depth 1", new RelatedOptions(Depth: 1)),
            ("all, depth 2", new RelatedOptions()),
        })
        {
            Measure($"related, {name}", i => engine.Related(ids[i * 97 % Rows], options)!.Concepts.Count);
        }

        Measure("search", i => engine.Search("", Vector(i * 97 % Rows), Model, 10).Count);
        Measure("search, expanded", i => engine.Search("", Vector(i * 97 % Rows), Model, 10, null, ExpansionOptions.Default).Count);
        Measure("search with words", i => engine.Search($"prices on {Day(i * 97 % Rows)}", Vector(i * 97 % Rows), Model, 10).Count);
        Measure("  ... expanded", i => engine.Search($"prices on {Day(i * 97 % Rows)}", Vector(i * 97 % Rows), Model, 10, HybridOptions.Default, ExpansionOptions.Default).Count);
    }

    // What a learn does for associations, beside what it does for words: extraction by the caller, the indexes by the one thread that writes.
    private static void Work()
    {
        var payloads = Enumerable.Range(0, Rows).Select(row => ConceptRecord.WriteLearn(Concept(row), DateTimeOffset.UnixEpoch)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            using var words = new MutableLexicalIndex(TextLanguage.English);
            using var terms = new MutableLexicalIndex(TextLanguage.English);
            var records = new byte[Rows][];
            var extract = Time(row => records[row] = AssociationRecord.Of(payloads[row]));
            var index = Time(row => AssociationRecord.AddTerms(records[row], row, terms));
            var text = Time(row => words.Add(row, ConceptRecord.ContentBytes(payloads[row])));
            Console.WriteLine($"a row             extracted in {extract:n1} us, indexed in {index:n1} us; its words in {text:n1} us");
        }
    }

    private static double Time(Action<int> work)
    {
        var watch = Stopwatch.StartNew();
        for (var row = 0; row < Rows; row++)
        {
            work(row);
        }

        return watch.Elapsed.TotalMicroseconds / Rows;
    }

    private static void Measure(string what, Func<int, int> ask)
    {
        var times = new List<double>();
        var found = 0;
        for (var round = 0; round < 2; round++)
        {
            times.Clear();
            found = 0;
            for (var i = 0; i < Questions; i++)
            {
                var started = Stopwatch.GetTimestamp();
                found += ask(i);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        Console.WriteLine($"{what,-34} p50 {Percentile.Of(times, 0.5):n3} ms, p99 {Percentile.Of(times, 0.99):n3} ms, {found / (double)Questions:n1} found");
    }

    private static string Content(int row)
    {
        var company = row % Companies;
        var name = $"{Syllables[company / 10]}{Syllables[company % 10].ToLowerInvariant()}on Industries";
        return $"{name} ({Syllables[company / 10].ToUpperInvariant()}{Syllables[company % 10].ToUpperInvariant()}) opened at {100 + (row % 977)}.{row % 100:d2} and closed at {100 + (row % 911)}.{row % 97:d2} on {Day(row)}, with {row * 37} shares traded.";
    }

    // Each day of a company follows the one before.
    private static NewConcept Concept(int row) => new(
        Content(row),
        new Dictionary<string, string> { ["source"] = "prices", ["exchange"] = row % 2 == 0 ? "north" : "south" },
        Vector(row),
        row >= Companies ? [new Association(new ConceptIdentity().Id(ConceptRecord.Utf8(Content(row - Companies)), 0), "follows", 1)] : [],
        Model);

    private static string Day(int row) => new DateOnly(2020, 1, 1).AddDays(row / Companies).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    // By company and by time, as prices are.
    private static float[] Vector(int row)
    {
        var company = new Random(row % Companies);
        var noise = new Random(row);
        var vector = new float[Dimension];
        for (var i = 0; i < Dimension; i++)
        {
            vector[i] = (float)(company.NextDouble() - 0.5 + (0.6 * (noise.NextDouble() - 0.5)));
        }

        return vector;
    }
}
