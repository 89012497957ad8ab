using System.Runtime.InteropServices;
using Sutra.Storage.Concepts;
using Sutra.Storage.Files;
using Sutra.Storage.Segments;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Engine;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Segments;

[TestClass]
public sealed class SegmentLifeTests
{
    [TestMethod]
    [DataRow(64, DisplayName = "ids of 64 bits")]
    [DataRow(7, DisplayName = "ids that collide")]
    public async Task Whatever_is_learned_again_or_deleted_amid_checkpoints_merges_and_restarts_is_what_a_dictionary_says(int idBits)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(idBits);
        var model = new EngineModel(random, contents: 100);
        var moved = false;
        for (var life = 0; life < 8; life++)
        {
            using var engine = EngineHarness.Open(new DiskFileSystem(), folder.Path, idBits, segmentBytes: 8 * 1024, segments: EngineHarness.Busy);
            model.Verify(engine, $"start {life}");
            for (var i = 0; i < 150; i++)
            {
                await model.StepAsync(engine);
            }

            moved |= engine.Statistics.Segments > 0;
            model.Verify(engine, $"end {life}");
        }

        Assert.IsTrue(moved, "segments were made");
    }

    [TestMethod]
    public async Task What_a_checkpoint_holds_is_not_replayed_and_its_log_is_let_go()
    {
        var disk = new SimulatedDisk();
        using (var engine = EngineHarness.Open(disk, segmentBytes: 4096, segments: EngineHarness.Busy))
        {
            for (var i = 0; i < 240; i++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", EngineHarness.RandomVector(new Random(i), 16)));
            }

            await engine.UntilAsync(statistics => statistics.LogBytes < 12 * 1024, "the log is let go");
        }

        using var reopened = EngineHarness.Open(disk, segmentBytes: 4096, segments: EngineHarness.Busy);
        Assert.AreEqual(240, reopened.Statistics.Concepts);
        Assert.IsLessThan(60L, reopened.Recovery.Records);
    }

    [TestMethod]
    public async Task When_writing_rests_segments_become_one_with_a_graph_and_the_dead_leave_it()
    {
        var disk = new SimulatedDisk();
        var random = new Random(9);
        using var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        var learned = new List<(ConceptId Id, float[] Vector)>();
        for (var i = 0; i < 24 * 12; i++)
        {
            var vector = EngineHarness.RandomVector(random, 16);
            learned.Add(((await engine.LearnAsync(EngineHarness.Concept($"text {i}", vector))).Id, vector));
        }

        await engine.UntilAsync(statistics => statistics.Segments is > 0 and < 6 && engine.IsSettled, "few segments");
        foreach (var (id, _) in learned.Where((_, i) => i % 3 == 0))
        {
            Assert.IsTrue(await engine.DeleteAsync(id));
        }

        // A segment is rewritten when more than a fifth of it is dead.
        await engine.UntilAsync(statistics => statistics.DeadRows * 4 <= statistics.Concepts && statistics.Segments < 6 && engine.IsSettled, "the dead are gone");
        for (var i = 0; i < learned.Count; i++)
        {
            var best = engine.Search(learned[i].Vector, EngineHarness.Model, 1)[0];
            Assert.AreEqual(i % 3 != 0, best.Concept.Id == learned[i].Id);
        }
    }

    [TestMethod]
    public async Task A_model_comes_back_with_another_dimension_after_its_last_concept_left_a_segment()
    {
        var disk = new SimulatedDisk();
        using var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        var ids = new List<ConceptId>();
        for (var i = 0; i < 24; i++)
        {
            ids.Add((await engine.LearnAsync(EngineHarness.Concept($"text {i}", [1, i, 3]))).Id);
        }

        await engine.UntilAsync(statistics => statistics.Segments == 1, "a segment");
        await Assert.ThrowsExactlyAsync<InvalidConceptException>(() => engine.LearnAsync(EngineHarness.Concept("other", [1, 2, 3, 4])));
        Assert.ThrowsExactly<InvalidConceptException>(() => engine.Search([1, 2, 3, 4], EngineHarness.Model, 1));
        foreach (var id in ids)
        {
            Assert.IsTrue(await engine.DeleteAsync(id));
        }

        Assert.IsTrue((await engine.LearnAsync(EngineHarness.Concept("other", [1, 2, 3, 4]))).Created);
        Assert.HasCount(1, engine.Search([1, 2, 3, 4], EngineHarness.Model, 10));
    }

    [TestMethod]
    [DataRow(".seg.new", "write")]
    [DataRow(".seg.new", "flush")]
    [DataRow(".seg.new", "rename")]
    [DataRow("manifest-1.new", "flush")]
    [DataRow("manifest-0", "flush")]
    [DataRow("segments", "flushfolder")]
    public async Task A_disk_that_fails_a_checkpoint_stops_writes_says_so_and_loses_nothing(string file, string operation)
    {
        var disk = new SimulatedDisk();
        var model = new EngineModel(new Random(2), contents: 400);
        using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy with { FlatSegments = 100, Idle = TimeSpan.FromHours(1) }))
        {
            disk.Fault = (done, path) =>
            {
                if (done == operation && path.EndsWith(file, StringComparison.Ordinal))
                {
                    throw new IOException("No space left on device");
                }
            };
            var limit = Environment.TickCount64 + 30_000;
            while (engine.Failure is null && Environment.TickCount64 < limit)
            {
                try
                {
                    await model.StepAsync(engine);
                }
                catch (Sutra.Storage.Log.LogUnavailableException)
                {
                    break;
                }
            }

            StringAssert.Contains(engine.Failure, "No space left on device");
            await Assert.ThrowsExactlyAsync<Sutra.Storage.Log.LogUnavailableException>(() => engine.LearnAsync(EngineHarness.Concept("one more")));
            Assert.IsNotEmpty(engine.Search(EngineHarness.RandomVector(new Random(1), 16), EngineHarness.Model, 10), "reading goes on");
        }

        disk.Fault = null;
        using var reopened = EngineHarness.Open(disk, segments: EngineHarness.Busy);
        model.Verify(reopened, "after the start");
        for (var i = 0; i < 100; i++)
        {
            await model.StepAsync(reopened);
        }
    }

    [TestMethod]
    public async Task A_log_that_fails_when_a_checkpoint_is_written_but_not_yet_used_costs_nothing_though_merges_are_due()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var disk = new SimulatedDisk();
            var model = new EngineModel(new Random(seed), contents: 400);
            var manifests = 0;
            disk.Fault = (operation, path) =>
            {
                manifests += operation is "flush" && path.Contains("manifest-", StringComparison.Ordinal) ? 1 : 0;
                if (manifests > 2 + seed && operation is "write" && path.Contains("/log/", StringComparison.Ordinal))
                {
                    throw new IOException("Input/output error");
                }
            };
            using (var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy with { FlatSegments = 2, Idle = TimeSpan.FromMilliseconds(1) }))
            {
                await Assert.ThrowsAsync<Sutra.Storage.Log.LogUnavailableException>(async () =>
                {
                    while (true)
                    {
                        await model.StepAsync(engine);
                    }
                });

                // Time for a merge that must not come any more.
                await Task.Delay(50);
            }

            disk.Fault = null;
            using var reopened = EngineHarness.Open(disk, segments: EngineHarness.Busy);
            model.Verify(reopened, $"seed {seed}");
        }
    }

    [TestMethod]
    public async Task A_damaged_vector_is_not_made_good_by_a_merge_and_stops_nothing_else()
    {
        var disk = new SimulatedDisk();
        var options = EngineHarness.Busy with { MemoryRows = 40, FlatSegments = 2 };
        using (var engine = EngineHarness.Open(disk, segments: options))
        {
            await LearnAsync(engine, 0, 120);
            await engine.UntilAsync(statistics => statistics.Segments > 0 && engine.IsSettled, "segments");
        }

        var path = "/data/segments/" + disk.ListFiles("/data/segments").First(name => name.EndsWith(".seg", StringComparison.Ordinal));
        var bytes = disk.Read(path);
        var header = MemoryMarshal.Read<SegmentFileHeader>(bytes);
        var table = MemoryMarshal.Cast<byte, SectionEntry>(bytes.AsSpan((int)header.TableOffset))[..(int)header.Sections];
        bytes[(int)table.ToArray().Single(section => section.Kind == SectionKind.Vectors).Offset + 5] ^= 1;
        disk.Replace(path, bytes);

        using var reopened = EngineHarness.Open(disk, segments: options);
        await LearnAsync(reopened, 120, 200);
        await reopened.UntilAsync(statistics => statistics.Segments > 1 && reopened.IsSettled, "all is done that can be");

        Assert.IsNull(reopened.Failure);
        Assert.AreEqual(320, reopened.Statistics.Concepts);
        Assert.HasCount(1, reopened.Verify().Faults.Where(fault => fault.Contains("vector", StringComparison.Ordinal)).ToList());
        Assert.ThrowsExactly<SegmentCorruptException>(() => reopened.Search(EngineHarness.RandomVector(new Random(0), 16), EngineHarness.Model, 1000));

        static async Task LearnAsync(Sutra.Storage.Engine.ConceptEngine engine, int from, int count)
        {
            for (var i = from; i < from + count; i++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", EngineHarness.RandomVector(new Random(i), 16)));
            }
        }
    }

    [TestMethod]
    public async Task A_stop_amid_full_memory_is_an_orderly_one()
    {
        var disk = new SimulatedDisk();
        for (var life = 0; life < 10; life++)
        {
            var engine = EngineHarness.Open(disk, segments: EngineHarness.Busy with { MemoryRows = 16 });
            Assert.IsTrue(engine.Recovery.CleanStop);
            var learners = Enumerable.Range(0, 64).Select(i => engine.LearnAsync(EngineHarness.Concept($"text {life} {i}", EngineHarness.RandomVector(new Random(i), 16)))).ToList();
            engine.Dispose();
            foreach (var learner in learners)
            {
                try
                {
                    await learner;
                }
                catch (Sutra.Storage.Log.LogUnavailableException)
                {
                    // It came after the stop.
                }
            }
        }
    }

    [TestMethod]
    public async Task Files_that_a_stop_left_behind_are_removed_and_a_log_that_does_not_go_on_is_refused()
    {
        var disk = new SimulatedDisk();
        using (var engine = EngineHarness.Open(disk, segmentBytes: 4096, segments: EngineHarness.Busy))
        {
            for (var i = 0; i < 100; i++)
            {
                await engine.LearnAsync(EngineHarness.Concept($"text {i}", EngineHarness.RandomVector(new Random(i), 16)));
            }

            await engine.UntilAsync(statistics => statistics.Segments > 0, "a segment");
        }

        disk.Replace("/data/segments/00000000000000ff.seg", [1, 2, 3]);
        disk.Replace("/data/segments/0000000000000001-00000000000000ff.del.new", [1, 2, 3]);
        using (EngineHarness.Open(disk))
        {
            Assert.DoesNotContain("00000000000000ff.seg", disk.ListFiles("/data/segments"));
            Assert.DoesNotContain("0000000000000001-00000000000000ff.del.new", disk.ListFiles("/data/segments"));
        }

        foreach (var name in disk.ListFiles("/data/log"))
        {
            disk.Delete($"/data/log/{name}");
        }

        Assert.ThrowsExactly<Sutra.Storage.Log.LogCorruptException>(() => EngineHarness.Open(disk));
        foreach (var name in disk.ListFiles("/data/segments").Where(name => name.StartsWith("manifest", StringComparison.Ordinal)))
        {
            disk.Replace($"/data/segments/{name}", []);
        }

        Assert.ThrowsExactly<SegmentCorruptException>(() => EngineHarness.Open(disk));
    }
}
