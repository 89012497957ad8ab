using Sutra.Storage.Concepts;
using Sutra.Storage.Filtering;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Engine;

/// <summary>Concepts whose content is replaced under their id.</summary>
[TestClass]
public sealed class ReplaceTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_replaced_content_keeps_its_id_in_memory_in_segments_and_after_a_power_cut(bool moved)
    {
        var disk = new SimulatedDisk();
        var segments = moved ? EngineHarness.Busy with { MemoryRows = 4 } : EngineHarness.Busy with { MemoryRows = 10_000 };
        var (older, newer) = (EngineHarness.Concept("the older text", [1, 0, 0], metadata: Named("old")), EngineHarness.Concept("the newer words", [0, 1, 0], metadata: Named("new")));
        ConceptId id, again;
        using (var engine = EngineHarness.Open(disk, segments: segments))
        {
            id = (await engine.LearnAsync(older)).Id;
            await FillAsync(0);
            Assert.AreEqual(new LearnResult(id, Created: false), await engine.LearnAsync(newer with { Id = id }));
            EngineHarness.AssertSame(newer, engine.Get(id));

            // The older content makes a concept of its own, and the newer one is known.
            var result = await engine.LearnAsync(older);
            Assert.IsTrue(result.Created);
            Assert.AreNotEqual(id, result.Id);
            again = result.Id;
            Assert.AreEqual(new LearnResult(id, Created: false), await engine.LearnAsync(newer));
            await FillAsync(100);
            Verify();

            async Task FillAsync(int from)
            {
                for (var i = from; i < from + 20; i++)
                {
                    await engine.LearnAsync(EngineHarness.Concept($"filler {i}", [0, 0, 1]));
                }
            }

            void Verify()
            {
                EngineHarness.AssertSame(newer, engine.Get(id));
                EngineHarness.AssertSame(older, engine.Get(again));
                Assert.AreEqual(42, engine.Statistics.Concepts);
                Assert.AreEqual(1, engine.Count(Filter.Equal("name", "new")));
                Assert.AreEqual(id, engine.Search("newer words", [], EngineHarness.Model, 1).Single().Concept.Id);
                Assert.AreEqual(again, engine.Search("older text", [], EngineHarness.Model, 1).Single().Concept.Id);
                Assert.AreEqual(id, engine.Search([0, 1, 0], EngineHarness.Model, 1).Single().Concept.Id);
                Assert.IsEmpty(engine.Verify().Faults);
            }
        }

        disk = disk.Crash(new Random(1));
        for (var start = 0; start < 2; start++)
        {
            using var engine = EngineHarness.Open(disk, segments: segments);
            Assert.AreEqual(new LearnResult(id, Created: false), await engine.LearnAsync(newer), "the newer content is still known");
            Assert.AreEqual(new LearnResult(again, Created: false), await engine.LearnAsync(older), "and the older one");
            EngineHarness.AssertSame(newer, engine.Get(id));
            EngineHarness.AssertSame(older, engine.Get(again));
            Assert.AreEqual(42, engine.Statistics.Concepts);
            Assert.IsEmpty(engine.Verify().Faults);
        }
    }

    [TestMethod]
    public async Task There_must_be_one_to_replace_and_no_other_with_the_content()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var first = (await engine.LearnAsync(EngineHarness.Concept("first"))).Id;
        var second = (await engine.LearnAsync(EngineHarness.Concept("second"))).Id;

        await Assert.ThrowsExactlyAsync<ConceptNotFoundException>(() => engine.LearnAsync(EngineHarness.Concept("first") with { Id = new ConceptId(7) }));
        await Assert.ThrowsExactlyAsync<ContentExistsException>(() => engine.LearnAsync(EngineHarness.Concept("second") with { Id = first }));
        await engine.DeleteAsync(second);
        await Assert.ThrowsExactlyAsync<ConceptNotFoundException>(() => engine.LearnAsync(EngineHarness.Concept("second") with { Id = second }));
        Assert.AreEqual(new LearnResult(first, Created: false), await engine.LearnAsync(EngineHarness.Concept("second") with { Id = first }));

        // Back again, and its own id is free for it.
        Assert.AreEqual(new LearnResult(first, Created: false), await engine.LearnAsync(EngineHarness.Concept("first") with { Id = first }));
        Assert.AreEqual(new LearnResult(second, Created: true), await engine.LearnAsync(EngineHarness.Concept("second")));
        Assert.AreEqual(2, engine.Statistics.Concepts);
    }

    [TestMethod]
    public async Task With_ids_of_few_bits_contents_that_take_each_others_place_are_never_mixed_up()
    {
        var disk = new SimulatedDisk();
        var random = new Random(5);
        var held = new Dictionary<string, ConceptId>();
        for (var life = 0; life < 6; life++)
        {
            using var engine = EngineHarness.Open(disk, idBits: 5, segments: EngineHarness.Busy with { MemoryRows = 6, FlatSegments = 2, LinkRows = 12 });
            for (var step = 0; step < 60; step++)
            {
                var content = $"content {random.Next(20)}";
                if (held.Count > 0 && random.Next(3) == 0)
                {
                    var (before, id) = held.ElementAt(random.Next(held.Count));
                    if (before != content && held.ContainsKey(content))
                    {
                        await Assert.ThrowsExactlyAsync<ContentExistsException>(() => engine.LearnAsync(EngineHarness.Concept(content) with { Id = id }));
                        continue;
                    }

                    Assert.AreEqual(new LearnResult(id, Created: false), await engine.LearnAsync(EngineHarness.Concept(content) with { Id = id }));
                    held.Remove(before);
                    held[content] = id;
                }
                else if (held.TryGetValue(content, out var known) && random.Next(3) == 0)
                {
                    Assert.IsTrue(await engine.DeleteAsync(known));
                    held.Remove(content);
                }
                else
                {
                    var learned = await engine.LearnAsync(EngineHarness.Concept(content));
                    Assert.AreEqual(!held.TryGetValue(content, out var there), learned.Created);
                    Assert.IsTrue(learned.Created || learned.Id == there);
                    held[content] = learned.Id;
                }
            }

            Assert.AreEqual(held.Count, engine.Statistics.Concepts);
            foreach (var (content, id) in held)
            {
                Assert.AreEqual(content, engine.Get(id).Content);
            }

            Assert.IsEmpty(engine.Verify().Faults);
            disk = random.Next(2) == 0 ? disk.Kill() : disk;
        }
    }

    private static Dictionary<string, string> Named(string name) => new() { ["name"] = name };
}
