using Sutra.Storage.Concepts;
using Sutra.Storage.Engine;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Segments;

[TestClass]
public sealed class SegmentCorruptionTests
{
    private const int SamplesOfAFile = 350;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task A_changed_byte_in_any_file_is_refused_repaired_or_harmless_and_never_served()
    {
        var disk = new SimulatedDisk();
        var expected = await FillAsync(disk);
        var random = new Random(5);
        var outcomes = new Dictionary<string, int>();
        var files = disk.ListFiles("/data/segments").Select(name => $"/data/segments/{name}").Concat(disk.ListFiles("/data/log").Select(name => $"/data/log/{name}")).ToList();
        Assert.IsTrue(files.Exists(file => file.EndsWith(".del", StringComparison.Ordinal)), "there are removed rows");
        foreach (var path in files)
        {
            var bytes = disk.Read(path);
            for (var sample = 0; sample < SamplesOfAFile; sample++)
            {
                var at = sample < 64 ? Math.Min(sample, bytes.Length - 1) : random.Next(bytes.Length);
                var damaged = disk.Kill();
                damaged.Replace(path, [.. bytes.Select((value, i) => i == at ? (byte)(value ^ (1 << random.Next(8))) : value)]);
                var outcome = Path.GetExtension(path) + ": " + Read(damaged, expected, $"{path} at {at}");
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            }
        }

        TestContext.WriteLine(string.Join(", ", outcomes.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.IsGreaterThan(100, outcomes[".seg: refused at start"]);
        Assert.IsGreaterThan(10, outcomes[".seg: refused when read"]);
        Assert.IsGreaterThan(10, outcomes[".seg: found by verify"]);
        Assert.AreEqual(SamplesOfAFile, outcomes[".del: refused at start"]);
    }

    // A flat segment, a linked one, removed rows in both, two manifests, and a log that goes on after them.
    private static async Task<Dictionary<ConceptId, NewConcept>> FillAsync(SimulatedDisk disk)
    {
        var options = EngineHarness.Busy with { MemoryRows = 40, FlatSegments = 3, LinkRows = 60, Idle = TimeSpan.FromHours(1) };
        var expected = new Dictionary<ConceptId, NewConcept>();
        using var engine = EngineHarness.Open(disk, segments: options);
        for (var i = 1; i <= 2; i++)
        {
            await LearnAsync(40);
            await engine.UntilAsync(statistics => statistics.Segments == i && statistics.VectorBytes == 0, "flat segments");
        }

        await LearnAsync(40);
        await engine.UntilAsync(statistics => statistics is { Segments: 1, VectorBytes: 0 }, "a linked segment");
        await DeleteAsync(5);
        await LearnAsync(40);
        await engine.UntilAsync(statistics => statistics is { Segments: 2, VectorBytes: 0 }, "a flat segment");
        await DeleteAsync(5);
        await LearnAsync(20);
        return expected;

        async Task LearnAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var concept = EngineHarness.Concept($"text {expected.Count} {i} {count}", EngineHarness.RandomVector(new Random(expected.Count), 48), metadata: new Dictionary<string, string> { ["n"] = $"{i}" });
                expected[(await engine.LearnAsync(concept)).Id] = concept;
            }
        }

        async Task DeleteAsync(int count)
        {
            foreach (var id in expected.Keys.Take(count).ToList())
            {
                await engine.DeleteAsync(id);
                expected.Remove(id);
            }
        }
    }

    private static string Read(SimulatedDisk disk, Dictionary<ConceptId, NewConcept> expected, string because)
    {
        ConceptEngine engine;
        try
        {
            engine = EngineHarness.Open(disk, segments: new SegmentOptions { Idle = TimeSpan.FromHours(1) });
        }
        catch (Exception e) when (e is SegmentCorruptException or LogCorruptException)
        {
            StringAssert.Contains(e.Message, "/data/");
            return "refused at start";
        }

        using (engine)
        {
            var outcome = "harmless";
            foreach (var (id, concept) in expected)
            {
                try
                {
                    EngineHarness.AssertSame(concept, engine.Get(id));
                }
                catch (SegmentCorruptException)
                {
                    outcome = "refused when read";
                }
            }

            try
            {
                var hits = engine.Search(EngineHarness.RandomVector(new Random(1), 48), EngineHarness.Model, 1000);
                Assert.HasCount(expected.Count, hits, because);
                foreach (var hit in hits)
                {
                    EngineHarness.AssertSame(expected[hit.Concept.Id], hit.Concept.Read());
                }
            }
            catch (SegmentCorruptException)
            {
                outcome = "refused when read";
            }

            // What nobody happened to look at, such as what only a merge needs.
            var faults = engine.Verify().Faults;
            Assert.IsTrue(outcome == "harmless" || faults.Count > 0, because);
            return outcome == "harmless" && faults.Count > 0 ? "found by verify" : outcome;
        }
    }
}
