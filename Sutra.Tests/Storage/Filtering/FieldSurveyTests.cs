using System.Globalization;
using System.Text;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Filtering;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;
using SortKey = Sutra.Storage.Filtering.SortKey;

namespace Sutra.Tests.Storage.Filtering;

/// <summary>What metadata there is, against a plain count.</summary>
[TestClass]
public sealed class FieldSurveyTests
{
    [TestMethod]
    [DataRow(1, EncryptionMode.Off)]
    [DataRow(2, EncryptionMode.Full)]
    public async Task It_is_counted_exactly_wherever_concepts_lie_and_whatever_became_of_them(int seed, EncryptionMode mode)
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var seal = new CollectionSeal(ring, mode, "c");
        var random = new Random(seed);
        var learned = new List<ConceptId>();
        using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy, seal: seal))
        {
            for (var i = 0; i < 330; i++)
            {
                var content = random.Next(4) == 0 ? $"text {random.Next(i + 1)}" : $"text {i}";
                var concept = EngineHarness.Concept(content, EngineHarness.RandomVector(random, 8), metadata: FilterOracle.Metadata(random, i)) with { Owner = $"owner {random.Next(9)}" };
                learned.Add((await engine.LearnAsync(concept)).Id);
                if (random.Next(5) == 0)
                {
                    await engine.DeleteAsync(learned[random.Next(learned.Count)]);
                }

                if (i % 80 == 60)
                {
                    Compare(engine);
                }
            }

            await engine.EraseAsync("owner 3");
            Compare(engine);
            await engine.UntilAsync(statistics => statistics.Segments is > 0 and < 4 && engine.IsSettled, "linked segments");
            await engine.LearnAsync(EngineHarness.Concept("the last", EngineHarness.RandomVector(random, 8), metadata: FilterOracle.Metadata(random, 1)));
            Compare(engine);
        }

        using var reopened = EngineHarness.Open(disk, segments: EngineHarness.Busy, seal: seal);
        Compare(reopened);
    }

    [TestMethod]
    public async Task Values_are_listed_where_there_are_few_and_a_name_is_what_filters_call_it()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        for (var i = 0; i < 12; i++)
        {
            await engine.LearnAsync(EngineHarness.Concept($"{i}", metadata: new Dictionary<string, string> { ["few"] = $"{i % 3}", ["$many"] = $"2026-01-{i + 1:d2}T12:00:00.5Z" }));
        }

        var fields = engine.Fields(3).Fields;

        CollectionAssert.AreEqual(new[] { "$$many", "few" }, fields.Select(field => field.Name).ToArray());
        Assert.AreEqual((12L, 12L, 0L, 12L), (fields[0].Concepts, fields[0].Distinct, fields[0].Numbers, fields[0].Times));
        Assert.AreEqual(new DateTimeOffset(2026, 1, 1, 12, 0, 0, 500, TimeSpan.Zero).ToUnixTimeMilliseconds(), fields[0].TimeRange!.Value.Least);
        Assert.IsEmpty(fields[0].Values);
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, fields[1].Values.ToArray());
        Assert.AreEqual((0d, 2d), fields[1].NumberRange);
        Assert.AreEqual(12, engine.Count(Filter.Exists(fields[0].Name)));
        Assert.ThrowsExactly<InvalidConceptException>(() => engine.Fields(-1));
        Assert.ThrowsExactly<InvalidConceptException>(() => engine.Fields(FieldSurvey.DistinctLimit + 1));
    }

    [TestMethod]
    public async Task Of_many_different_values_it_says_that_there_are_more_and_of_many_fields_it_gives_the_first()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        for (var call = 0; call < 11; call++)
        {
            await engine.LearnManyAsync([.. Enumerable.Range(call * 1000, 1000).Select(i => EngineHarness.Concept(
                $"{i}", metadata: new Dictionary<string, string> { ["value"] = $"v{i}", [$"key {i % 1100:d4}"] = "1" }))]);
        }

        await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
        var survey = engine.Fields(10);
        Assert.IsFalse(survey.Complete);
        Assert.HasCount(FieldSurvey.FieldLimit, survey.Fields);
        Assert.AreEqual("key 0999", survey.Fields[^1].Name);
        Assert.IsTrue(survey.Fields.All(field => field.Concepts == 10));

        for (var i = 0; i < 1100; i++)
        {
            // The keys before it go.
            await engine.LearnManyAsync([.. Enumerable.Range(0, 10).Select(k => EngineHarness.Concept(
                $"{i + (k * 1100)}", metadata: new Dictionary<string, string> { ["value"] = $"v{i + (k * 1100)}" }))]);
        }

        survey = engine.Fields(10);
        Assert.IsTrue(survey.Complete);
        var only = survey.Fields.Single();
        Assert.AreEqual(11_000, only.Concepts);
        Assert.IsGreaterThan(FieldSurvey.DistinctLimit, only.Distinct);
        Assert.IsTrue(only.DistinctCapped);
    }

    private static void Compare(ConceptEngine engine)
    {
        var concepts = engine.Scan().Select(concept => concept.Read()).ToList();
        var expected = new List<string>();
        foreach (var field in concepts.SelectMany(concept => concept.Metadata).GroupBy(pair => pair.Key).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var values = field.Select(pair => pair.Value).ToList();
            var numbers = values.Where(value => SortKey.TryNumber(Encoding.UTF8.GetBytes(value), out _)).Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToList();
            var times = values.Where(value => value.Contains('-', StringComparison.Ordinal))
                .Select(value => DateTimeOffset.Parse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds()).ToList();
            expected.Add(Text(new FieldInfo(
                field.Key[0] == '$' ? "$" + field.Key : field.Key,
                values.Count,
                values.Distinct().Count(),
                DistinctCapped: false,
                numbers.Count,
                times.Count,
                numbers.Count > 0 ? (numbers.Min(), numbers.Max()) : null,
                times.Count > 0 ? (times.Min(), times.Max()) : null,
                [.. values.Distinct().Order(StringComparer.Ordinal)])));
        }

        CollectionAssert.AreEqual(expected, engine.Fields(FieldSurvey.DistinctLimit).Fields.Select(Text).ToList());
    }

    private static string Text(FieldInfo field) => string.Create(
        CultureInfo.InvariantCulture,
        $"{field.Name} {field.Concepts} {field.Distinct} {field.DistinctCapped} {field.Numbers} {field.Times} {field.NumberRange} {field.TimeRange} {string.Join('|', field.Values)}");
}
