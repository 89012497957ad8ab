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
        var merged = false;
        for (var life = 0; life < 8; life++)
        {
            using var engine = EngineHarness.Open(new DiskFileSystem(), folder.Path, idBits, segmentBytes: 8 * 1024, segments: EngineHarness.Busy);
            model.Verify(engine, $"start {life}");
            for (var i = 0; i < 150; i++)
            {
                await model.StepAsync(engine);
            }

            merged |= engine.Statistics.Segments is > 0 and < 4;
            model.Verify(engine, $"end {life}");
        }

        Assert.IsTrue(merged, "segments were made and merged");
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

        await engine.UntilAsync(statistics => statistics is { Segments: < 3, VectorBytes: 0 }, "few segments");
        foreach (var (id, _) in learned.Where((_, i) => i % 3 == 0))
        {
            Assert.IsTrue(await engine.DeleteAsync(id));
        }

        Assert.AreEqual(96, engine.Statistics.DeadRows);
        await engine.UntilAsync(statistics => statistics is { DeadRows: 0, Segments: < 3 }, "the dead are gone");
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
