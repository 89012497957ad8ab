using Sutra.Storage.Engine;
using Sutra.Storage.Filtering;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Filtering;

/// <summary>One value under the key "k", one filter, in memory and in a segment.</summary>
[TestClass]
public sealed class FilterSemanticsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 5, 4, 3, 2, 1, 500, TimeSpan.Zero);

    [TestMethod]
    [DataRow("red", "red", true)]
    [DataRow("red", "Red", false, DisplayName = "case counts")]
    [DataRow("red", "red ", false, DisplayName = "spaces count")]
    [DataRow("1", "1.0", false, DisplayName = "equality is of text, not of numbers")]
    [DataRow("\u00e9", "e\u0301", false, DisplayName = "composed is not decomposed")]
    [DataRow("", "", true, DisplayName = "an empty value is a value")]
    [DataRow(null, "", false, DisplayName = "no value is not an empty one")]
    [DataRow("😀", "😀", true)]
    public async Task Equal(string? value, string other, bool expected)
    {
        await ExpectAsync(value, (Filter.Equal("k", other), expected), (Filter.In("k", "something", other, "else"), expected), (Filter.Not(Filter.Equal("k", other)), !expected));
    }

    [TestMethod]
    [DataRow("redder", "red", true)]
    [DataRow("red", "red", true)]
    [DataRow("re", "red", false)]
    [DataRow("Red", "red", false)]
    [DataRow("", "r", false)]
    [DataRow(null, "r", false)]
    public async Task Prefix(string? value, string prefix, bool expected) => await ExpectAsync(value, (Filter.Prefix("k", prefix), expected));

    [TestMethod]
    [DataRow("x", true)]
    [DataRow("", true)]
    [DataRow(null, false)]
    public async Task Exists(string? value, bool expected) => await ExpectAsync(value, (Filter.Exists("k"), expected));

    [TestMethod]
    [DataRow("9", "10", -1, DisplayName = "9 < 10")]
    [DataRow("10", "1e3", -1, DisplayName = "10 < 1e3")]
    [DataRow("-2", "-1", -1)]
    [DataRow("-0", "0", 0, DisplayName = "-0 is 0")]
    [DataRow("1.50", "+1.5", 0)]
    [DataRow(".5", "0.5", 0)]
    [DataRow("1e-400", "0", 0, DisplayName = "too small for a double is 0")]
    [DataRow("9007199254740993", "9007199254740992", 0, DisplayName = "as the nearest double")]
    [DataRow("179769313486231570000e288", "1", 1)]
    [DataRow("1e999", "0", null, DisplayName = "infinite is no number")]
    [DataRow("NaN", "0", null)]
    [DataRow("Infinity", "0", null)]
    [DataRow("1,000", "0", null)]
    [DataRow(" 1", "0", null)]
    [DataRow("0x10", "0", null)]
    [DataRow("", "0", null)]
    [DataRow("ten", "0", null)]
    [DataRow("2026-01-01", "0", null, DisplayName = "a date is no number")]
    [DataRow(null, "0", null)]
    [DataRow("2026-05-04", "2026-05-04T00:00:00Z", 0, DisplayName = "a date is its midnight in UTC")]
    [DataRow("2026-05-04T02:00:00+02:00", "2026-05-04", 0)]
    [DataRow("2026-05-03T22:30-0130", "2026-05-04T00:00", 0)]
    [DataRow("2026-05-04T10:00:00", "2026-05-04T10:00:00Z", 0, DisplayName = "without offset: UTC")]
    [DataRow("2026-05-04T10:00:00.1234567", "2026-05-04T10:00:00.1234568", -1)]
    [DataRow("2026-05-04T10:00:00.12345671", "2026-05-04T10:00:00.1234567", 0, DisplayName = "100 ns")]
    [DataRow("0001-01-01T00:00+14:00", "0001-01-01", -1)]
    [DataRow("2024-02-29", "2024-03-01", -1)]
    [DataRow("2023-02-29", "2024-03-01", null, DisplayName = "no such day")]
    [DataRow("2026-05-04T24:00", "2024-03-01", null)]
    [DataRow("2026-05-04 10:00", "2024-03-01", null)]
    [DataRow("2026-05-04T10", "2024-03-01", null)]
    [DataRow("2026-05-04T10:00:00.", "2024-03-01", null)]
    [DataRow("2026-05-04T10:00:00Zulu", "2024-03-01", null)]
    [DataRow("04.05.2026", "2024-03-01", null)]
    [DataRow("2026", "2024-03-01", null, DisplayName = "a number is no date")]
    public async Task Range(string? value, string bound, int? order)
    {
        await ExpectAsync(
            value,
            (new RangeFilter("k") { Gt = bound }, order > 0),
            (new RangeFilter("k") { Gte = bound }, order >= 0),
            (new RangeFilter("k") { Lt = bound }, order < 0),
            (new RangeFilter("k") { Lte = bound }, order <= 0),
            (new RangeFilter("k") { Gte = bound, Lte = bound }, order == 0),
            (new RangeFilter("k") { Gt = bound, Lt = bound }, false));
    }

    [TestMethod]
    public async Task What_the_system_knows_of_a_concept()
    {
        // SHA-256 of "bar" begins so.
        var (id, odd) = ("fcde2b2edba56bf4", "x");
        await ExpectAsync("bar", "bar", ("$odd", odd),
            (Filter.Equal("$id", id), true),
            (Filter.In("$id", "0000000000000000", id), true),
            (Filter.Equal("$id", "0000000000000000"), false),
            (Filter.Prefix("$id", id[..1]), true),
            (Filter.Prefix("$id", id), true),
            (Filter.Prefix("$id", "0"), false),
            (Filter.Exists("$id"), true),
            (Filter.Equal("$model", EngineHarness.Model), true),
            (Filter.Equal("$model", "model-b"), false),
            (Filter.Prefix("$model", "model-"), true),
            (Filter.Exists("$owner"), true),
            (Filter.Equal("$owner", "user:7"), true),
            (Filter.Prefix("$owner", "user:"), true),
            (Filter.In("$owner", "user:8", "user:77"), false),
            (Filter.Exists("owner"), false),
            (Filter.Exists("$learned_at"), true),
            (Filter.Equal("$learned_at", "2026-05-04T05:02:01.5+02:00"), true),
            (Filter.Equal("$learned_at", "2026-05-04T03:02:01Z"), false),
            (new RangeFilter("$learned_at") { Gt = "2026-05-04", Lt = "2026-05-05" }, true),
            (new RangeFilter("$learned_at") { Gte = "2026-05-04T03:02:01.5001Z" }, false),
            (Filter.Equal("$$odd", odd), true),
            (Filter.Equal("odd", odd), false));
    }

    [TestMethod]
    public async Task Filters_within_filters()
    {
        var (yes, no) = (Filter.Equal("k", "v"), Filter.Exists("other"));
        await ExpectAsync(
            "v",
            (Filter.And(yes, Filter.Not(no)), true),
            (Filter.And(yes, no), false),
            (Filter.And(no, yes), false),
            (Filter.Or(no, yes), true),
            (Filter.Or(no, Filter.And(yes, yes)), true),
            (Filter.Or(Filter.Not(yes), no), false),
            (Filter.Not(Filter.Not(yes)), true),
            (Filter.Not(Filter.And(yes, no)), true));
    }

    private static Task ExpectAsync(string? value, params (Filter Filter, bool Expected)[] cases) => ExpectAsync("text", value, ("more", ""), cases);

    private static async Task ExpectAsync(string content, string? value, (string Key, string Value) more, params (Filter Filter, bool Expected)[] cases)
    {
        var metadata = new Dictionary<string, string> { [more.Key] = more.Value };
        if (value is not null)
        {
            metadata["k"] = value;
        }

        foreach (var inSegment in new[] { false, true })
        {
            using var engine = EngineHarness.Open(
                new SimulatedDisk(), time: new ManualTime(s_now), segments: new() { MemoryRows = inSegment ? 1 : 100, Idle = TimeSpan.FromHours(1) });
            await engine.LearnAsync(EngineHarness.Concept(content, metadata: metadata) with { Owner = "user:7" });
            if (inSegment)
            {
                await engine.UntilAsync(statistics => statistics is { Segments: 1, VectorBytes: 0 }, "a segment");
            }

            for (var i = 0; i < cases.Length; i++)
            {
                Assert.AreEqual(cases[i].Expected ? 1 : 0, engine.Count(cases[i].Filter), $"case {i} {(inSegment ? "in a segment" : "in memory")}");
            }
        }
    }
}
