using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Sutra.Bench.Storage.Vectors;
using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Files;
using Sutra.Storage.Segments;
using Sutra.Storage.Telemetry;

namespace Sutra.Bench.Storage;

/// <summary>
/// Learning, replacing, deleting and searching at once, as fast as it goes, for as long as is asked: a line a minute, and at the end whether memory stayed
/// flat, what merges did to searches, and whether what is found is what a scan of all that is left finds.
/// </summary>
internal sealed class SoakBench
{
    private const string Model = "bench";
    private const int TopK = 10;
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(30);

    private readonly VectorData _data;
    private readonly ConceptEngine _engine;
    private readonly ConceptId?[] _live;
    private readonly int _writers;
    private long _learned;
    private long _deleted;
    private TimeSpan _pauses;
    private int _collections;

    private SoakBench(VectorData data, ConceptEngine engine, int rows, int writers)
    {
        (_data, _engine, _writers) = (data, engine, writers);
        _live = new ConceptId?[rows];
    }

    /// <param name="arguments">The data folder; --folder FOLDER, where to store; --rows N, of those in the data; --minutes N; --writers N; --searchers N;
    /// --memory-rows N and --flat-segments N, of <see cref="SegmentOptions"/>.</param>
    /// <returns>1 when what is there at the end is not what was acknowledged.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var data = new VectorData(arguments[0]);
        var rows = Math.Min(data.Count, Number("--rows", data.Count));
        var root = Directory.CreateDirectory(Path.Combine(Option("--folder", Path.GetTempPath()), $"sutra-bench-{Environment.ProcessId}"));
        try
        {
            using var telemetry = new StorageTelemetry();
            var segments = new SegmentOptions();
            segments = segments with { MemoryRows = Number("--memory-rows", segments.MemoryRows), FlatSegments = Number("--flat-segments", segments.FlatSegments) };
            using var engine = ConceptEngine.Open(
                new DiskFileSystem(), new EngineOptions { DataPath = Path.Combine(root.FullName, "data"), Segments = segments }, TimeProvider.System, telemetry);
            return await new SoakBench(data, engine, rows, Number("--writers", 4)).RunAsync(Number("--minutes", 30), Number("--searchers", 1));
        }
        finally
        {
            root.Delete(recursive: true);
        }

        string Option(string name, string otherwise) => Array.IndexOf(arguments, name) is var at and >= 0 ? arguments[at + 1] : otherwise;
        int Number(string name, int otherwise) => int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
    }

    private async Task<int> RunAsync(int minutes, int searchers)
    {
        Console.WriteLine($"{_live.Length:n0} x {_data.Dimension}, {_writers} writers, {searchers} searchers, {minutes} minutes, {Environment.ProcessorCount} cores");
        await WriteAsync(async (row, _) => await LearnAsync(row));
        while (!_engine.IsSettled)
        {
            await Task.Delay(100);
        }

        Search(TimeSpan.FromSeconds(5));
        var quiet = (await Task.WhenAll(Enumerable.Range(0, searchers).Select(_ => Task.Run(() => Search(s_quiet))))).SelectMany(times => times).ToList();
        Console.WriteLine($"recall@{TopK} {Recall():n4} when all was learned once");
        Report("quiet", quiet, Stopwatch.StartNew());

        var (all, memory) = (new List<double>(), new List<double>());
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() => WriteForeverAsync(stop.Token));
        for (var minute = 1; minute <= minutes; minute++)
        {
            (_learned, _deleted) = (0, 0);
            var watch = Stopwatch.StartNew();
            var times = (await Task.WhenAll(Enumerable.Range(0, searchers).Select(_ => Task.Run(() => Search(TimeSpan.FromMinutes(1)))))).SelectMany(one => one).ToList();
            all.AddRange(times);
            memory.Add(Report($"minute {minute}", times, watch));
        }

        await stop.CancelAsync();
        await writing;
        while (!_engine.IsSettled)
        {
            await Task.Delay(100);
        }

        var verified = _engine.Verify();
        var expected = _live.Count(id => id is not null);
        var (before, after) = (Percentile.Of(quiet, 0.99), Percentile.Of(all, 0.99));

        // The first fifth is warming up.
        var warm = memory[(memory.Count / 5)..];
        Console.WriteLine($"search p99 {after:n2} ms, quiet {before:n2} ms: {after / before:n2} x");
        Console.WriteLine($"memory after warm-up {warm.Min():n0} to {warm.Max():n0} MB, {warm[0]:n0} at first and {warm[^1]:n0} at last");
        Console.WriteLine($"recall@{TopK} {Recall():n4} at the end; {_engine.Statistics.Concepts:n0} concepts, {expected:n0} expected; {verified.Faults.Count} faults, {verified.Unreachable} unreachable");
        return verified.Faults.Count == 0 && _engine.Statistics.Concepts == expected ? 0 : 1;
    }

    private double Report(string when, List<double> searches, Stopwatch watch)
    {
        var (pauses, collections) = (GC.GetTotalPauseDuration() - _pauses, GC.CollectionCount(0) - _collections);
        (_pauses, _collections) = (GC.GetTotalPauseDuration(), GC.CollectionCount(0));
        var statistics = _engine.Statistics;
        var memory = Process.GetCurrentProcess().WorkingSet64 / 1e6;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{when,-10} learned {_learned / watch.Elapsed.TotalSeconds,6:n0}/s, deleted {_deleted / watch.Elapsed.TotalSeconds,5:n0}/s, searches {searches.Count,7:n0}, p50 {Percentile.Of(searches, 0.5):n2}, p99 {Percentile.Of(searches, 0.99):n2} ms; "
            + $"{memory:n0} MB resident, {GC.GetTotalMemory(false) / 1e6:n0} managed; {statistics.Segments} segments of {statistics.SegmentBytes / 1e6:n0} MB, {statistics.DeadRows:n0} dead, log {statistics.LogBytes / 1e6:n0} MB; {collections} collections, paused {pauses.TotalMilliseconds:n0} ms"));
        return memory;
    }

    private List<double> Search(TimeSpan span)
    {
        var times = new List<double>();
        var watch = Stopwatch.StartNew();
        for (var query = 0; watch.Elapsed < span; query = (query + 1) % _data.QueryCount)
        {
            var started = Stopwatch.GetTimestamp();
            _engine.Search(_data.Query(query), Model, TopK);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times;
    }

    private Task WriteAsync(Func<int, Random, Task> write)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, _writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            for (var row = Interlocked.Increment(ref next); row < _live.Length; row = Interlocked.Increment(ref next))
            {
                await write(row, random);
            }
        })));
    }

    // Each writer has rows of its own. What is there is deleted or replaced, what is not is learned: some two thirds are there.
    private Task WriteForeverAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, _writers).Select(writer => Task.Run(
        async () =>
        {
            var random = new Random(100 + writer);
            while (!stop.IsCancellationRequested)
            {
                var row = (random.Next(_live.Length / _writers) * _writers) + writer;
                if (_live[row] is { } id && random.Next(2) == 0)
                {
                    await _engine.DeleteAsync(id, CancellationToken.None);
                    _live[row] = null;
                    Interlocked.Increment(ref _deleted);
                }
                else
                {
                    await LearnAsync(row);
                }
            }
        },
        CancellationToken.None)));

    private async Task LearnAsync(int row)
    {
        var learned = await _engine.LearnAsync(new NewConcept(
            $"concept {row} ".PadRight(300, 'x'),
            new Dictionary<string, string> { ["row"] = row.ToString(CultureInfo.InvariantCulture), ["source"] = "bench" },
            _data.Row(row).ToArray(),
            [],
            Model));
        _live[row] = learned.Id;
        Interlocked.Increment(ref _learned);
    }

    private double Recall()
    {
        const int Queries = 200;
        var counts = new ConcurrentBag<int>();
        Parallel.For(0, Queries, query =>
        {
            var truth = Enumerable.Range(0, _live.Length).Where(row => _live[row] is not null)
                .Select(row => (Score: TensorPrimitives.Dot(_data.Query(query), _data.Row(row)), Id: _live[row]!.Value))
                .OrderByDescending(pair => pair.Score).Take(TopK).Select(pair => pair.Id).ToHashSet();
            counts.Add(_engine.Search(_data.Query(query), Model, TopK).Count(hit => truth.Contains(hit.Concept.Id)));
        });
        return counts.Sum() / (double)(Queries * TopK);
    }
}
