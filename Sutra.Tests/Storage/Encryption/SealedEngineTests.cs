using System.Runtime.InteropServices;
using System.Text;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Engine;
using Sutra.Storage.Log;
using Sutra.Storage.Search;
using Sutra.Storage.Segments;
using Sutra.Storage.Vectors;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;
using Sutra.Tests.Storage.Segments;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Engines whose data is sealed: what they keep, what the disk shows, and what is left after an erasure.</summary>
[TestClass]
public sealed class SealedEngineTests
{
    private const int Dimension = 16;

    private static readonly SegmentOptions s_quick = EngineHarness.Busy with { MemoryRows = 40, FlatSegments = 2, LinkRows = 60 };

    [TestMethod]
    [DataRow(EncryptionMode.Content)]
    [DataRow(EncryptionMode.Full)]
    public async Task What_was_learned_is_found_in_memory_in_segments_and_after_a_start(EncryptionMode mode)
    {
        var disk = new SimulatedDisk();
        var learned = new Dictionary<ConceptId, NewConcept>();
        using (var ring = RingHarness.Open(disk))
        using (var engine = Open(disk, ring, mode))
        {
            await LearnAsync(engine, 0, 200, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
            await LearnAsync(engine, 200, 10, learned);
            AssertAllThere(engine, learned);
        }

        using (var ring = RingHarness.Open(disk))
        using (var engine = Open(disk, ring, mode))
        {
            AssertAllThere(engine, learned);
        }
    }

    [TestMethod]
    [DataRow(EncryptionMode.Content)]
    [DataRow(EncryptionMode.Full)]
    public async Task The_disk_shows_no_text_and_in_mode_full_no_vector(EncryptionMode mode)
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using (var engine = Open(disk, ring, mode))
        {
            await LearnAsync(engine, 0, 200);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
            await LearnAsync(engine, 200, 10);
        }

        foreach (var secret in new[] { "marigold", "subject-3", "colour", "violet" })
        {
            Assert.IsFalse(Contains(disk, Encoding.UTF8.GetBytes(secret)), secret);
        }

        var vector = Vector(7);
        Assert.IsFalse(Contains(disk, MemoryMarshal.AsBytes<float>(vector)), "as it was given");
        UnitVector.Normalise(vector);
        Assert.AreEqual(mode == EncryptionMode.Content, Contains(disk, MemoryMarshal.AsBytes<float>(vector)), "at length one");
    }

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
        var disk = new SimulatedDisk();
        var learned = new Dictionary<ConceptId, NewConcept>();
        SimulatedDisk copy;
        using (var ring = RingHarness.Open(disk))
        {
            using var engine = Open(disk, ring, EncryptionMode.Content);
            await LearnAsync(engine, 0, 120, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");

            // The last ones are in the log only.
            await LearnAsync(engine, 120, 20, learned);
            copy = disk.Kill();
            await engine.EraseAsync("subject-3");
        }

        copy.Replace(RingHarness.Ring, disk.Read(RingHarness.Ring));
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
    public async Task A_failed_key_ring_refuses_new_owners_and_nothing_else()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        using var engine = Open(disk, ring, EncryptionMode.Content);
        await engine.LearnAsync(Concept(0));
        disk.Fault = (_, path) =>
        {
            if (path.StartsWith(RingHarness.Folder, StringComparison.Ordinal))
            {
                throw new IOException("the disk of the keys is gone");
            }
        };
        await Assert.ThrowsExactlyAsync<KeyRingUnavailableException>(() => engine.LearnAsync(Concept(1)));
        Assert.IsNull(engine.Failure);
        Assert.IsFalse((await engine.LearnAsync(Concept(0))).Created);
    }

    [TestMethod]
    public async Task A_segment_that_was_rewritten_for_an_erasure_is_not_rewritten_for_ever()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var options = s_quick with { LinkRows = 100_000 };
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
    public async Task What_was_stored_in_the_clear_is_sealed_as_segments_are_merged_and_stays_readable_when_sealing_ends()
    {
        var disk = new SimulatedDisk();
        using var ring = RingHarness.Open(disk);
        var learned = new Dictionary<ConceptId, NewConcept>();
        using (var engine = Open(disk, ring, EncryptionMode.Off))
        {
            await LearnAsync(engine, 0, 80, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "in the clear");
            Assert.IsTrue(ContainsInSegments(disk, "marigold"u8));
        }

        using (var engine = Open(disk, ring, EncryptionMode.Full))
        {
            AssertAllThere(engine, learned);
            await engine.UntilAsync(_ => engine.IsSettled && !ContainsInSegments(disk, "marigold"u8), "sealed");
            await LearnAsync(engine, 80, 80, learned);
            AssertAllThere(engine, learned);
        }

        using (var engine = Open(disk, ring, EncryptionMode.Off))
        {
            await LearnAsync(engine, 160, 10, learned);
            AssertAllThere(engine, learned);
        }
    }

    [TestMethod]
    public async Task Sealed_data_without_its_keys_is_refused()
    {
        var disk = new SimulatedDisk();
        using (var ring = RingHarness.Open(disk))
        using (var engine = Open(disk, ring, EncryptionMode.Content))
        {
            await LearnAsync(engine, 0, 5);
        }

        var error = Assert.ThrowsExactly<LogCorruptException>(() => EngineHarness.Open(disk.Kill(), segments: s_quick));
        StringAssert.Contains(error.Message, "no key ring");

        using (var ring = RingHarness.Open(disk))
        using (var engine = Open(disk, ring, EncryptionMode.Content))
        {
            await LearnAsync(engine, 5, 115);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
        }

        var damaged = Assert.ThrowsExactly<SegmentCorruptException>(() => EngineHarness.Open(disk.Kill(), segments: s_quick));
        StringAssert.Contains(damaged.Message, "no key ring");
    }

    [TestMethod]
    [DataRow(EncryptionMode.Content)]
    [DataRow(EncryptionMode.Full)]
    public async Task Nothing_answered_is_lost_and_nothing_erased_comes_back_however_the_power_goes(EncryptionMode mode)
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            var disk = new SimulatedDisk();
            var model = new EngineModel(random, contents: 40, owners: 4);
            var options = EngineHarness.Busy with { MemoryRows = 8, FlatSegments = 2, LinkRows = 20, Idle = TimeSpan.FromMilliseconds(1) };
            for (var life = 0; life < 4; life++)
            {
                var operations = random.Next(30, 1000);
                disk.Fault = (_, _) =>
                {
                    if (Interlocked.Decrement(ref operations) < 0)
                    {
                        throw new IOException("the power is gone");
                    }
                };
                try
                {
                    using var ring = RingHarness.Open(disk);
                    using var engine = EngineHarness.Open(disk, segmentBytes: 4096, segments: options, seal: new CollectionSeal(ring, mode, "notes"));
                    model.Verify(engine, $"seed {seed}, life {life}");
                    for (var i = 0; i < 80; i++)
                    {
                        await model.StepAsync(engine);
                    }
                }
                catch (Exception e) when (e is LogUnavailableException or IOException or KeyRingUnavailableException)
                {
                    // The cut.
                }

                disk = disk.Crash(random);
            }

            using var last = RingHarness.Open(disk);
            using var reopened = EngineHarness.Open(disk, segmentBytes: 4096, segments: options, seal: new CollectionSeal(last, mode, "notes"));
            model.Verify(reopened, $"seed {seed}, at the end");
        }
    }

    [TestMethod]
    public async Task A_changed_byte_of_a_sealed_segment_is_refused_or_harmless_and_never_served()
    {
        var disk = new SimulatedDisk();
        var learned = new Dictionary<ConceptId, NewConcept>();
        using (var ring = RingHarness.Open(disk))
        using (var engine = Open(disk, ring, EncryptionMode.Full))
        {
            await LearnAsync(engine, 0, 120, learned);
            await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "segments");
        }

        var random = new Random(11);
        var refused = 0;
        foreach (var name in disk.ListFiles("/data/segments").Where(name => name.EndsWith(".seg", StringComparison.Ordinal)))
        {
            var path = $"/data/segments/{name}";
            var bytes = disk.Read(path);
            for (var sample = 0; sample < 150; sample++)
            {
                var changed = bytes.ToArray();
                changed[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                var copy = disk.Kill();
                copy.Replace(path, changed);
                using var ring = RingHarness.Open(copy);
                try
                {
                    using var engine = Open(copy, ring, EncryptionMode.Full, idle: TimeSpan.FromHours(1));
                    AssertAllThere(engine, learned);
                }
                catch (SegmentCorruptException)
                {
                    refused++;
                }
            }
        }

        Assert.IsGreaterThan(20, refused);
    }

    private static ConceptEngine Open(SimulatedDisk disk, KeyRing ring, EncryptionMode mode, TimeSpan? idle = null) =>
        EngineHarness.Open(disk, segments: s_quick with { Idle = idle ?? s_quick.Idle }, seal: new CollectionSeal(ring, mode, "notes"));

    private static async Task LearnAsync(ConceptEngine engine, int first, int count, Dictionary<ConceptId, NewConcept>? learned = null)
    {
        foreach (var concept in Enumerable.Range(first, count).Select(Concept))
        {
            var result = await engine.LearnAsync(concept);
            learned?.Add(result.Id, concept);
        }
    }

    private static NewConcept Concept(int number) =>
        EngineHarness.Concept($"marigold {number}", Vector(number), metadata: new Dictionary<string, string> { ["colour"] = "violet" }) with { Owner = number % 5 == 4 ? "" : $"subject-{number % 5}" };

    private static float[] Vector(int number) => EngineHarness.RandomVector(new Random(number), Dimension);

    private static void AssertAllThere(ConceptEngine engine, Dictionary<ConceptId, NewConcept> learned)
    {
        Assert.AreEqual(learned.Count, engine.Statistics.Concepts);
        foreach (var (id, concept) in learned)
        {
            EngineHarness.AssertSame(concept, engine.Get(id));
        }

        var hits = engine.Search("marigold", learned.Values.First().Embedding.Span, EngineHarness.Model, 1000, new HybridOptions(Candidates: 1000));
        CollectionAssert.AreEquivalent(learned.Keys.ToList(), hits.Select(hit => hit.Concept.Id).ToList());
        foreach (var hit in hits)
        {
            EngineHarness.AssertSame(learned[hit.Concept.Id], hit.Concept.Read());
        }

        Assert.IsEmpty(engine.Verify().Faults);
    }

    private static bool Contains(SimulatedDisk disk, ReadOnlySpan<byte> bytes) =>
        ContainsIn(disk, "/data/segments", bytes) || ContainsIn(disk, "/data/log", bytes) || ContainsIn(disk, "/data/keys", bytes);

    private static bool ContainsInSegments(SimulatedDisk disk, ReadOnlySpan<byte> bytes) => ContainsIn(disk, "/data/segments", bytes);

    private static bool ContainsIn(SimulatedDisk disk, string folder, ReadOnlySpan<byte> bytes)
    {
        foreach (var name in disk.ListFiles(folder))
        {
            if (disk.Read($"{folder}/{name}").AsSpan().IndexOf(bytes) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
