using Sutra.Contracts.Concepts;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Log;
using Sutra.Tests.Storage.Encryption;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Engine;

/// <summary>Many concepts in one call.</summary>
[TestClass]
public sealed class LearnManyTests
{
    [TestMethod]
    public async Task All_of_a_call_are_there_after_a_power_cut_and_cost_one_flush()
    {
        var disk = new SimulatedDisk();
        var random = new Random(1);
        NewConcept[] concepts = [.. Enumerable.Range(0, 300).Select(i => EngineHarness.Concept($"text {i}", EngineHarness.RandomVector(random, 8)))];
        IReadOnlyList<LearnOutcome> outcomes;
        using (var engine = EngineHarness.Open(disk))
        {
            var before = disk.Flushes;
            outcomes = await engine.LearnManyAsync(concepts);
            Assert.AreEqual(1, disk.Flushes - before);
            for (var i = 0; i < concepts.Length; i++)
            {
                Assert.IsTrue(outcomes[i].Result.Created);
                EngineHarness.AssertSame(concepts[i], engine.Get(outcomes[i].Result.Id));
                Assert.AreEqual(outcomes[i].Result.Id, engine.Search(concepts[i].Embedding.Span, EngineHarness.Model, 1)[0].Concept.Id);
            }

            disk = disk.Crash(random);
        }

        using var reopened = EngineHarness.Open(disk);
        Assert.AreEqual(concepts.Length, reopened.Statistics.Concepts);
        for (var i = 0; i < concepts.Length; i++)
        {
            EngineHarness.AssertSame(concepts[i], reopened.Get(outcomes[i].Result.Id));
        }
    }

    [TestMethod]
    public async Task What_is_wrong_with_one_is_its_own_outcome_and_the_others_are_learned_in_their_order()
    {
        using var engine = EngineHarness.Open(new SimulatedDisk());
        var outcomes = await engine.LearnManyAsync(
        [
            EngineHarness.Concept("first", [1, 0, 0]),
            EngineHarness.Concept(""),
            EngineHarness.Concept("of another dimension", [1, 0]),
            EngineHarness.Concept("second", [0, 1, 0]) with { Owner = new string('o', ConceptLimits.Owner + 1) },
            EngineHarness.Concept("nobody's", [0, 1, 0]) with { Id = new ConceptId(7) },
            EngineHarness.Concept("first", [0, 0, 1]),
        ]);

        CollectionAssert.AreEqual(
            new[] { null, "content", "embedding", "owner", nameof(ConceptNotFoundException), null },
            outcomes.Select(outcome => outcome.Refusal is InvalidConceptException e ? e.Field : outcome.Refusal?.GetType().Name).ToArray());
        Assert.IsTrue(outcomes[0].Result.Created);
        Assert.AreEqual(outcomes[0].Result with { Created = false }, outcomes[5].Result);
        Assert.AreEqual(1, engine.Statistics.Concepts);
        Assert.AreEqual(1f, engine.Search([0, 0, 1], EngineHarness.Model, 1)[0].Score, "the later one replaced the other");
        foreach (var count in new[] { 0, 1025 })
        {
            var wrong = await Assert.ThrowsExactlyAsync<InvalidConceptException>(() => engine.LearnManyAsync([.. Enumerable.Range(0, count).Select(i => EngineHarness.Concept($"{i}"))]));
            Assert.AreEqual("concepts", wrong.Field);
        }
    }

    [TestMethod]
    public async Task A_failed_flush_is_the_outcome_of_the_whole_call()
    {
        var disk = new SimulatedDisk();
        using var engine = EngineHarness.Open(disk);
        disk.Fault = (operation, _) =>
        {
            if (operation == "flush")
            {
                throw new IOException("the disk is on fire");
            }
        };
        await Assert.ThrowsExactlyAsync<LogUnavailableException>(() => engine.LearnManyAsync([EngineHarness.Concept("one"), EngineHarness.Concept("two")]));
        await Assert.ThrowsExactlyAsync<LogUnavailableException>(() => engine.LearnManyAsync([EngineHarness.Concept("three")]));
    }

    [TestMethod]
    public async Task Calls_beside_each_other_and_beside_single_ones_lose_nothing()
    {
        var disk = new SimulatedDisk();
        using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
            {
                var random = new Random(caller);
                for (var call = 0; call < 10; call++)
                {
                    var outcomes = await engine.LearnManyAsync([.. Enumerable.Range(0, 20).Select(i => EngineHarness.Concept($"{caller} {call} {i}", EngineHarness.RandomVector(random, 8)))]);
                    Assert.IsTrue(outcomes.All(outcome => outcome.Result.Created));
                    await engine.LearnAsync(EngineHarness.Concept($"{caller} {call}", EngineHarness.RandomVector(random, 8)));
                }
            })));
            Assert.AreEqual(4 * 10 * 21, engine.Statistics.Concepts);
        }

        using var reopened = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        Assert.AreEqual(4 * 10 * 21, reopened.Statistics.Concepts);
        Assert.IsEmpty(reopened.Verify().Faults);
    }

    [TestMethod]
    public async Task The_keys_of_new_owners_are_made_together()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using var engine = EngineHarness.Open(disk, seal: new CollectionSeal(ring, EncryptionMode.Content, "c"));
        var before = disk.Flushes;

        var outcomes = await engine.LearnManyAsync([.. Enumerable.Range(0, 100).Select(i => EngineHarness.Concept($"text {i}") with { Owner = $"owner {i / 2}" })]);

        Assert.IsTrue(outcomes.All(outcome => outcome.Refusal is null));
        Assert.AreEqual(50, ring.Statistics.Live);
        Assert.IsLessThanOrEqualTo(3, disk.Flushes - before, "two of the ring, one of the log");
        Assert.AreEqual("text 7", engine.Get(outcomes[7].Result.Id).Content);
    }
}
