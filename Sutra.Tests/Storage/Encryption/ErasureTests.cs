using System.Runtime.InteropServices;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Vectors;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;
using static Sutra.Tests.Storage.Encryption.SealedHarness;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>What is left of an owner after an erasure, and what of everybody else.</summary>
[TestClass]
public sealed class ErasureTests
{
    [TestMethod]
    [DataRow(EncryptionMode.Off)]
    [DataRow(EncryptionMode.Content)]
    [DataRow(EncryptionMode.Full)]
    public async Task Erasing_an_owner_takes_all_of_theirs_and_nothing_else_and_they_may_come_back(EncryptionMode mode)
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var learned = new Dictionary<ConceptId, NewConcept>();
        using (var engine = Open(disk, ring, mode))
        {
            await LearnAsync(engine, 0, 120, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
            await LearnAsync(engine, 120, 30, learned);
            Assert.AreEqual(learned.Values.Count(concept => concept.Owner == "subject-3"), await engine.EraseAsync("subject-3"));
            Assert.AreEqual(0, await engine.EraseAsync("subject-3"), "twice");
            foreach (var (id, _) in learned.Where(pair => pair.Value.Owner == "subject-3").ToList())
            {
                Assert.IsFalse(engine.TryGet(id, out _));
                learned.Remove(id);
            }

            AssertAllThere(engine, learned);
            var again = Concept(3);
            learned[(await engine.LearnAsync(again)).Id] = again;
            AssertAllThere(engine, learned);
        }

        using var reopened = Open(disk, ring, mode);
        AssertAllThere(reopened, learned);
    }

    [TestMethod]
    public async Task A_copy_from_before_an_erasure_does_not_bring_back_what_was_erased()
    {
        var learned = new Dictionary<ConceptId, NewConcept>();
        var (copy, later) = (new SimulatedDisk(), Array.Empty<byte>());
        for (var isInUse = false; !isInUse;)
        {
            var disk = new SimulatedDisk();
            learned.Clear();
            using var ring = RingHarness.Open(disk);
            using var engine = Open(disk, ring, EncryptionMode.Content, idle: TimeSpan.FromHours(1));
            await LearnAsync(engine, 0, 120, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");

            // The last ones are in the log only.
            await LearnAsync(engine, 120, 20, learned);
            copy = disk.Kill();
            await engine.EraseAsync("subject-3");
            later = disk.Read(RingHarness.Ring);

            // The promise ends where a merge has taken a file away: with it goes its key.
            isInUse = !copy.ListFiles("/data/segments").Except(disk.ListFiles("/data/segments")).Any(name => name.EndsWith(".seg", StringComparison.Ordinal));
        }

        copy.Replace(RingHarness.Ring, later);
        using (var ring = RingHarness.Open(copy))
        using (var engine = Open(copy, ring, EncryptionMode.Content))
        {
            AssertAllThere(engine, learned.Where(pair => pair.Value.Owner != "subject-3").ToDictionary());
        }
    }

    [TestMethod]
    [DataRow(EncryptionMode.Off)]
    [DataRow(EncryptionMode.Content)]
    public async Task Segments_are_written_anew_until_no_file_has_anything_of_an_erased_owner(EncryptionMode mode)
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using var engine = Open(disk, ring, mode);
        await LearnAsync(engine, 0, 160);
        await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "settled");
        var vector = Vector(3);
        UnitVector.Normalise(vector);
        Assert.IsTrue(ContainsInSegments(disk, MemoryMarshal.AsBytes<float>(vector)), "the vector of one of them is in the clear in these modes");
        Assert.IsGreaterThan(0, await engine.EraseAsync("subject-3"));
        await engine.UntilAsync(_ => !ContainsInSegments(disk, MemoryMarshal.AsBytes<float>(vector)) && !ContainsInSegments(disk, "subject-3"u8), "rewritten");
        Assert.IsEmpty(engine.Verify().Faults);
    }

    [TestMethod]
    public async Task Learning_for_an_owner_while_they_are_erased_is_refused_or_survives()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using var engine = Open(disk, ring, EncryptionMode.Content);
        await LearnAsync(engine, 0, 60);
        for (var round = 0; round < 10; round++)
        {
            var erasing = engine.EraseAsync("subject-3");
            var outcomes = new List<(Task<LearnResult> Task, NewConcept Concept)>();
            for (var i = 0; i < 20; i++)
            {
                var concept = Concept(3) with { Content = $"round {round}, {i}" };
                outcomes.Add((engine.LearnAsync(concept), concept));
            }

            await erasing;
            foreach (var (task, concept) in outcomes)
            {
                try
                {
                    // Answered before the erasure began: gone; after it ended: there, and readable.
                    if (engine.TryGet((await task).Id, out var stored))
                    {
                        EngineHarness.AssertSame(concept, stored.Read());
                    }
                }
                catch (OwnerErasedException)
                {
                }
            }

            Assert.IsEmpty(engine.Verify().Faults);
        }
    }

    [TestMethod]
    public async Task Erasing_an_owner_leaves_alone_what_became_somebody_else_s()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using var engine = Open(disk, ring, EncryptionMode.Content);
        var concept = Concept(0) with { Owner = "ada" };
        var id = (await engine.LearnAsync(concept)).Id;

        // The erasure has found it when grace learns the same.
        var learning = default(Task<LearnResult>);
        var pending = engine.EraseAsync("ada");
        learning = engine.LearnAsync(concept with { Owner = "grace" });
        await pending;
        await learning;
        Assert.AreEqual("grace", engine.Get(id).Owner);
        Assert.AreEqual(0, await engine.EraseAsync("ada"));
        Assert.AreEqual("grace", engine.Get(id).Owner);
    }

    [TestMethod]
    public async Task A_segment_that_was_rewritten_for_an_erasure_is_not_rewritten_for_ever()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var options = Quick with { LinkRows = 100_000 };
        using (var engine = EngineHarness.Open(disk, segments: options, seal: new CollectionSeal(ring, EncryptionMode.Content, "notes")))
        {
            await LearnAsync(engine, 0, 80);
            await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "segments");
            await engine.EraseAsync("subject-3");
            await engine.UntilAsync(statistics => statistics.DeadRows == 0 && engine.IsSettled, "rewritten");
        }

        var files = disk.ListFiles("/data/segments").Where(name => name.EndsWith(".seg", StringComparison.Ordinal)).ToList();
        using (var engine = EngineHarness.Open(disk, segments: options with { FlatSegments = 50 }, seal: new CollectionSeal(ring, EncryptionMode.Content, "notes")))
        {
            var keep = engine.Scan().First().Id;
            await engine.DeleteAsync(keep);
            await engine.UntilAsync(_ => engine.IsSettled, "settled");
        }

        Assert.IsTrue(files.TrueForAll(name => disk.ListFiles("/data/segments").Contains(name)), "one dead row is no reason");
    }

    [TestMethod]
    public async Task A_segment_that_is_larger_than_any_merge_may_be_is_written_anew_in_pieces()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var learned = new Dictionary<ConceptId, NewConcept>();
        using (var engine = Open(disk, ring, EncryptionMode.Content))
        {
            await LearnAsync(engine, 0, 120, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "segments");
        }

        var seal = new CollectionSeal(ring, EncryptionMode.Content, "notes");
        using (var engine = EngineHarness.Open(disk, segments: Quick with { MostMergedRows = 30 }, seal: seal))
        {
            await engine.EraseAsync("subject-3");
            foreach (var (id, _) in learned.Where(pair => pair.Value.Owner == "subject-3").ToList())
            {
                learned.Remove(id);
            }

            await engine.UntilAsync(statistics => statistics is { SegmentsToRewrite: 0, DeadRows: 0 } && engine.IsSettled, "rewritten");
            Assert.IsGreaterThan(2, engine.Statistics.Segments);
            AssertAllThere(engine, learned);
        }

        using var reopened = EngineHarness.Open(disk, segments: Quick with { MostMergedRows = 30 }, seal: seal);
        AssertAllThere(reopened, learned);
    }

    [TestMethod]
    public async Task A_damaged_segment_that_cannot_be_written_anew_is_told()
    {
        const int InAPayload = 4096 + 60;
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using (var engine = Open(disk, ring, EncryptionMode.Content))
        {
            await LearnAsync(engine, 0, 120);
            await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "segments");
            Assert.AreEqual(0, engine.Statistics.SegmentsToRewrite);
        }

        foreach (var name in disk.ListFiles("/data/segments").Where(name => name.EndsWith(".seg", StringComparison.Ordinal)))
        {
            var bytes = disk.Read($"/data/segments/{name}").ToArray();
            bytes[InAPayload] ^= 1;
            disk.Replace($"/data/segments/{name}", bytes);
        }

        using var damaged = Open(disk, ring, EncryptionMode.Content);
        await damaged.EraseAsync("subject-3");
        await damaged.UntilAsync(_ => damaged.IsSettled, "settled");
        Assert.IsGreaterThan(0, damaged.Statistics.SegmentsToRewrite);
        Assert.IsNull(damaged.Failure, "everything else goes on");
    }
}
