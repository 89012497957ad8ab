using System.Diagnostics;
using System.Globalization;
using Sutra.Storage.Associations;
using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Filtering;

/// <summary>Filters as large as they may be, and questions that nobody waits for any more.</summary>
[TestClass]
public sealed class FilterWorkTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(false, DisplayName = "in memory")]
    [DataRow(true, DisplayName = "in segments")]
    public async Task Many_tests_let_through_what_each_of_them_would(bool inSegments)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: new() { MemoryRows = inSegments ? 100 : 10_000, Idle = TimeSpan.FromHours(1) });
        var random = new Random(7);
        var learned = await Task.WhenAll(Enumerable.Range(0, 800).Select(i => engine.LearnAsync(EngineHarness.Concept(
            $"text {i}", model: i % 3 == 0 ? "model-b" : EngineHarness.Model, metadata: FilterOracle.Metadata(random, i)))));
        if (inSegments)
        {
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
        }

        var concepts = engine.Scan().Select(concept => concept.Read()).ToList();
        var ids = learned.Select(result => result.Id.ToString()).Order(StringComparer.Ordinal).ToList();
        foreach (var filter in new[]
        {
            Filter.Or([.. Enumerable.Range(0, 500).Select(i => Filter.Prefix("$id", i.ToString("x3", CultureInfo.InvariantCulture)))]),
            Filter.And([.. Enumerable.Range(0, 250).Select(i => Filter.Not(Filter.Prefix("$id", (i * 16).ToString("x3", CultureInfo.InvariantCulture))))]),
            Filter.Or(Filter.Prefix("$id", "8"), Filter.Prefix("$id", "81"), Filter.Prefix("$id", "0"), Filter.Equal("$id", ids[0]), Filter.Equal("$id", ids[^1])),
            Filter.In("$id", [.. ids.Where((_, i) => i % 2 == 0), "0000000000000000", "ffffffffffffffff"]),
            Filter.Or([.. Enumerable.Range(0, 300).Select(i => Filter.Equal("$model", i == 200 ? "model-b" : $"model {i}"))]),
            Filter.And(Filter.Exists("n"), Filter.Exists("source"), Filter.Not(Filter.Exists("none")), Filter.Prefix("n", "1"), new RangeFilter("n") { Gt = "5" }, new RangeFilter("n") { Lt = "150" }),
            Filter.Or(new RangeFilter("year") { Gt = "2010" }, new RangeFilter("year") { Lt = "2004" }, new RangeFilter("year") { Lt = "2001-01-01" }, Filter.Equal("source", ""), Filter.Exists("rare")),
        })
        {
            var expected = concepts.Where(concept => FilterOracle.Matches(filter, concept)).Select(concept => concept.Id).ToList();
            Assert.AreEqual(expected.Count, engine.Count(filter));
            CollectionAssert.AreEquivalent(expected, engine.Scan(filter).Select(concept => concept.Id).ToList());
        }
    }

    [TestMethod]
    public void Many_tests_go_through_the_pairs_of_a_concept_once()
    {
        var metadata = Enumerable.Range(0, 64).ToDictionary(i => $"key {i:d2}", i => $"{i}");
        var payload = ConceptRecord.WriteLearn(EngineHarness.Concept("text", metadata: metadata), DateTimeOffset.UnixEpoch);
        var many = FilterCompiler.Compile(Filter.Or([.. Enumerable.Range(0, 511).Select(i => Filter.Equal($"key 6{i % 4}", $"no {i}"))]));

        // The best of some, one after the other: what else runs here disturbs both.
        var (together, each) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 20; i++)
        {
            together = Least(together, many);
            each = Least(each, many with { Fields = null });
        }

        TestContext.WriteLine($"together {together.TotalMicroseconds / 20:f2} µs, each for itself {each.TotalMicroseconds / 20:f2} µs");
        Assert.IsLessThan(each / 3, together);

        TimeSpan Least(TimeSpan so, CompiledFilter filter)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < 20; i++)
            {
                Assert.IsFalse(filter.Matches(payload));
            }

            var took = Stopwatch.GetElapsedTime(started);
            return took < so ? took : so;
        }
    }

    [TestMethod]
    public void Ranges_are_joined_where_they_meet_and_found_by_their_place()
    {
        var ranges = SortedRanges.Of([(40, 50), (5, 9), (1, 3), (45, 60), (7, 7), (9, 8), (ulong.MaxValue, ulong.MaxValue)]);
        CollectionAssert.AreEqual(new[] { (1UL, 3UL), (5UL, 9UL), (40UL, 60UL), (ulong.MaxValue, ulong.MaxValue) }, ranges);
        for (var number = 0UL; number < 100; number++)
        {
            Assert.AreEqual(number is (>= 1 and <= 3) or (>= 5 and <= 9) or (>= 40 and <= 60), SortedRanges.Contain(ranges, number));
        }

        Assert.IsTrue(SortedRanges.Contain(ranges, ulong.MaxValue));
        Assert.IsFalse(SortedRanges.Contain([], 0));
    }

    [TestMethod]
    [DataRow(false, DisplayName = "in memory")]
    [DataRow(true, DisplayName = "in segments")]
    public async Task What_nobody_waits_for_any_more_ends(bool inSegments)
    {
        using var engine = EngineHarness.Open(new SimulatedDisk(), segments: new() { MemoryRows = inSegments ? 50 : 10_000, Idle = TimeSpan.FromHours(1) });
        ConceptId last = default;
        for (var i = 0; i < 101; i++)
        {
            last = (await engine.LearnAsync(EngineHarness.Concept(
                $"granite {i}", metadata: new Dictionary<string, string> { ["n"] = $"{i}" }, associations: new Association(last, "to", 1)))).Id;
        }

        if (inSegments)
        {
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
        }

        using var source = new CancellationTokenSource();
        var filter = new RangeFilter("n") { Gt = "3" };
        var began = engine.Scan(filter: null, source.Token).GetEnumerator();
        Assert.IsTrue(began.MoveNext());
        await source.CancelAsync();
        Assert.ThrowsExactly<OperationCanceledException>(() => began.MoveNext());
        foreach (var question in new Action[]
        {
            () => engine.Search([1, 2, 3], EngineHarness.Model, 5, cancellation: source.Token),
            () => engine.Search([1, 2, 3], EngineHarness.Model, 5, filter, source.Token),
            () => engine.Search("granite", default, EngineHarness.Model, 5, cancellation: source.Token),
            () => engine.Search("", [1, 2, 3], EngineHarness.Model, 5, expansion: ExpansionOptions.Default, cancellation: source.Token),
            () => engine.Related(last, cancellation: source.Token),
            () => engine.Count(filter, source.Token),
            () => engine.Scan(filter, source.Token).Count(),
        })
        {
            Assert.ThrowsExactly<OperationCanceledException>(question);
        }

        Assert.AreEqual(97, engine.Count(filter), "nothing half done is remembered");
    }
}
