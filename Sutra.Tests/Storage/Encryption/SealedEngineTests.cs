using System.Runtime.InteropServices;
using System.Text;
using Sutra.Storage.Concepts;
using Sutra.Storage.Encryption;
using Sutra.Storage.Log;
using Sutra.Storage.Segments;
using Sutra.Storage.Vectors;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;
using Sutra.Tests.Storage.Segments;
using static Sutra.Tests.Storage.Encryption.SealedHarness;

namespace Sutra.Tests.Storage.Encryption;

/// <summary>Engines whose data is sealed: what they keep, and what the disk shows.</summary>
[TestClass]
public sealed class SealedEngineTests
{
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

        var error = Assert.ThrowsExactly<LogCorruptException>(() => EngineHarness.Open(disk.Kill(), segments: Quick));
        StringAssert.Contains(error.Message, "no key ring");

        using (var ring = RingHarness.Open(disk))
        using (var engine = Open(disk, ring, EncryptionMode.Content))
        {
            await LearnAsync(engine, 5, 115);
            await engine.UntilAsync(statistics => statistics.Segments > 0, "segments");
        }

        var damaged = Assert.ThrowsExactly<SegmentCorruptException>(() => EngineHarness.Open(disk.Kill(), segments: Quick));
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

    [TestMethod]
    public async Task What_is_refused_leaves_no_key_behind()
    {
        using var ring = RingHarness.Open(new SimulatedDisk());
        using var engine = Open(new SimulatedDisk(), ring, EncryptionMode.Content);
        await engine.LearnAsync(Concept(0));
        var keys = ring.Statistics.Live;
        var narrow = Concept(1) with { Owner = "somebody new", Embedding = new float[] { 1, 2 } };
        var unknown = Concept(2) with { Owner = "somebody else", Id = new ConceptId(7) };

        await Assert.ThrowsExactlyAsync<InvalidConceptException>(() => engine.LearnAsync(narrow));
        await Assert.ThrowsExactlyAsync<ConceptNotFoundException>(() => engine.LearnAsync(unknown));
        Assert.IsTrue((await engine.LearnManyAsync([narrow, unknown])).All(outcome => outcome.Refusal is not null));

        Assert.AreEqual(keys, ring.Statistics.Live);
        Assert.IsNull((await engine.LearnManyAsync([Concept(1) with { Owner = "somebody new" }]))[0].Refusal);
        Assert.AreEqual(keys + 1, ring.Statistics.Live);
    }
}
