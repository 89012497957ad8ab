using System.Buffers.Binary;
using Sutra.Storage.Log;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Log;

[TestClass]
public sealed class LogRecoveryTests
{
    private static readonly string FirstSegment = WriteAheadLogTests.SegmentPath(1);

    [TestMethod]
    public async Task A_tail_torn_at_any_byte_is_cut_announced_and_written_over()
    {
        var disk = await WrittenAsync("first", "second", "third");
        var whole = disk.Read(FirstSegment);
        var ends = RecordEnds(whole);
        for (var length = SegmentHeaderSize; length <= whole.Length; length++)
        {
            disk.Replace(FirstSegment, whole[..length]);
            var kept = ends.Count(end => end <= length);
            var recorder = new Recorder();
            using (var log = LogHarness.Open(disk, recorder))
            {
                CollectionAssert.AreEqual(new[] { "first", "second", "third" }[..kept], recorder.Texts.ToList(), $"cut at {length}");
                Assert.AreEqual(length - (kept == 0 ? SegmentHeaderSize : ends[kept - 1]), log.Recovery.CutBytes);
                Assert.AreEqual((ulong)kept + 1, await log.WriteAsync("new"));
            }

            CollectionAssert.AreEqual(new[] { "first", "second", "third" }[..kept].Append("new").ToList(), LogHarness.TextsOn(disk));
        }
    }

    [TestMethod]
    public async Task After_an_orderly_stop_a_flip_of_any_bit_is_refused_or_costs_nothing()
    {
        var disk = await WrittenAsync("first", "second", "third");
        LogHarness.Open(disk, new Recorder()).Dispose();
        await AddStoppedAsync(disk, "fourth");
        var whole = disk.Read(FirstSegment);
        var lastMark = RecordEnds(whole)[^2];
        var expected = new[] { "first", "second", "third", "fourth" };
        for (var at = 0; at < whole.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var (texts, refusal) = OpenFlipped(disk, FirstSegment, whole, at, (byte)(1 << bit));
                if (at < lastMark)
                {
                    Assert.IsNotNull(refusal, $"byte {at}, bit {bit} went unnoticed");
                    StringAssert.Contains(refusal, "0000000000000001.log");
                }
                else
                {
                    CollectionAssert.AreEqual(expected, texts, $"byte {at}, bit {bit}: {refusal}");
                }
            }
        }
    }

    [TestMethod]
    public async Task After_a_kill_a_flip_of_any_byte_is_refused_or_cuts_the_last_group_only()
    {
        var disk = await WrittenAsync("first", "second", "third");
        var whole = disk.Read(FirstSegment);
        var ends = RecordEnds(whole);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                var (texts, refusal) = OpenFlipped(disk, FirstSegment, whole, at, flip);
                if (at < ends[1])
                {
                    Assert.IsNotNull(refusal, $"byte {at} went unnoticed");
                }
                else
                {
                    CollectionAssert.AreEqual(new[] { "first", "second" }, texts, $"byte {at}: {refusal}");
                }
            }
        }
    }

    [TestMethod]
    public async Task A_group_whose_first_record_was_torn_is_cut_although_its_later_records_are_whole()
    {
        var disk = new SimulatedDisk();
        var log = LogHarness.Open(disk, new Recorder());
        await log.WriteAsync("kept");
        using (var gate = new ManualResetEventSlim())
        {
            var blocker = new TextRecord("also kept") { OnPrepare = () => gate.Wait(TimeSpan.FromSeconds(20)) };
            await log.EnqueueAsync(blocker, CancellationToken.None);
            while (!blocker.Taken)
            {
                await Task.Yield();
            }

            var group = Enumerable.Range(0, 3).Select(i => new TextRecord($"group {i}")).ToList();
            foreach (var record in group)
            {
                await log.EnqueueAsync(record, CancellationToken.None);
            }

            gate.Set();
            await Task.WhenAll(group.Select(record => record.Done));
        }

        var killed = disk.Kill();
        log.Dispose();
        var whole = killed.Read(FirstSegment);
        var ends = RecordEnds(whole);
        whole[ends[1] + 30] ^= 1;
        killed.Replace(FirstSegment, whole);

        var recorder = new Recorder();
        using var reopened = LogHarness.Open(killed, recorder);
        CollectionAssert.AreEqual(new[] { "kept", "also kept" }, recorder.Texts.ToList());
        Assert.AreEqual(whole.Length - ends[1], reopened.Recovery.CutBytes);
    }

    [TestMethod]
    public async Task Damage_in_any_segment_but_the_last_is_refused_and_changes_nothing()
    {
        var disk = await WrittenAsync(new LogOptions { SegmentBytes = 150 }, [.. Enumerable.Range(0, 20).Select(i => $"record number {i}")]);
        var segments = disk.ListFiles(LogHarness.Folder);
        Assert.IsGreaterThan(3, segments.Count);
        foreach (var segment in segments.SkipLast(1))
        {
            var path = Path.Combine(LogHarness.Folder, segment);
            var whole = disk.Read(path);
            foreach (var damaged in new byte[][] { Flip(whole, whole.Length / 2, 1), Flip(whole, whole.Length - 1, 1), whole[..^5], [.. whole, 0] })
            {
                disk.Replace(path, damaged);
                var refusal = Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk));
                StringAssert.Contains(refusal.Message, segment);
                Assert.DoesNotContain("\n", refusal.Message);
                CollectionAssert.AreEqual(damaged, disk.Read(path));
            }

            disk.Replace(path, whole);
        }

        Assert.HasCount(20, LogHarness.TextsOn(disk));
    }

    [TestMethod]
    public async Task A_missing_segment_is_refused_wherever_it_was()
    {
        for (var missing = 0; ; missing++)
        {
            var disk = await WrittenAsync(new LogOptions { SegmentBytes = 150 }, [.. Enumerable.Range(0, 20).Select(i => $"record number {i}")]);
            var segments = disk.ListFiles(LogHarness.Folder);
            if (missing == segments.Count)
            {
                break;
            }

            disk.Delete(Path.Combine(LogHarness.Folder, segments[missing]));
            StringAssert.Contains(Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk)).Message, "missing", $"segment {missing} of {segments.Count}");
        }
    }

    [TestMethod]
    public async Task Another_logs_segment_a_renamed_one_and_an_unknown_version_are_refused()
    {
        var options = new LogOptions { SegmentBytes = 150 };
        string[] texts = [.. Enumerable.Range(0, 20).Select(i => $"record number {i}")];
        var disk = await WrittenAsync(options, texts);
        var foreign = await WrittenAsync(options, texts);
        var second = Path.Combine(LogHarness.Folder, disk.ListFiles(LogHarness.Folder)[1]);
        var whole = disk.Read(second);

        disk.Replace(second, foreign.Read(second));
        StringAssert.Contains(Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk)).Message, "another log");

        disk.Replace(second, Flip(whole, 8, 2));
        StringAssert.Contains(Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk)).Message, "format 3");

        disk.Replace(second, "a text file"u8.ToArray());
        StringAssert.Contains(Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk)).Message, "not a segment");

        disk.Replace(second, whole);
        disk.Rename(second, WriteAheadLogTests.SegmentPath(2));
        StringAssert.Contains(Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk)).Message, "renamed");
    }

    [TestMethod]
    public async Task A_record_copied_from_another_log_does_not_pass()
    {
        var disk = await WrittenAsync("mine");
        var foreign = await WrittenAsync("not mine, although the sequence number fits");
        var mine = disk.Read(FirstSegment);
        disk.Replace(FirstSegment, [.. mine[..SegmentHeaderSize], .. foreign.Read(FirstSegment)[SegmentHeaderSize..]]);

        Assert.IsEmpty(LogHarness.TextsOn(disk));
    }

    [TestMethod]
    public async Task A_stop_between_making_a_segment_and_sealing_the_one_before_is_completed_at_any_byte_of_the_seal()
    {
        var disk = await WrittenAsync(new LogOptions { SegmentBytes = 100 }, "one, long enough to fill a segment of a hundred bytes", "two");
        var segments = disk.ListFiles(LogHarness.Folder).Select(name => Path.Combine(LogHarness.Folder, name)).ToList();
        Assert.HasCount(2, segments);
        var sealedSegment = disk.Read(segments[0]);
        var empty = disk.Read(segments[1])[..SegmentHeaderSize];
        for (var missing = 0; missing <= 24; missing++)
        {
            disk.Replace(segments[0], sealedSegment[..^missing]);
            disk.Replace(segments[1], empty);
            using (var log = LogHarness.Open(disk, new Recorder()))
            {
                await log.WriteAsync("three");
            }

            CollectionAssert.AreEqual(sealedSegment, disk.Read(segments[0]), "the seal stands again");
            CollectionAssert.AreEqual(new[] { "one, long enough to fill a segment of a hundred bytes", "three" }, LogHarness.TextsOn(disk));
        }

        disk.Replace(segments[0], sealedSegment[..^25]);
        disk.Replace(segments[1], empty);
        Assert.Throws<LogCorruptException>(() => LogHarness.TextsOn(disk), "more than the seal is gone, and that had been answered");
    }

    [TestMethod]
    public async Task A_payload_that_its_owner_cannot_read_is_refused_with_its_place()
    {
        var disk = await WrittenAsync("first", "second");
        var refusal = Assert.Throws<LogCorruptException>(() => WriteAheadLog.Open(disk, LogHarness.Folder, new Rejecting(), new LogOptions(), new Sutra.Storage.Telemetry.StorageTelemetry()));
        StringAssert.Contains(refusal.Message, "record 2");
        StringAssert.Contains(refusal.Message, "not understood");
    }

    [TestMethod]
    public async Task A_segment_that_was_being_made_is_forgotten()
    {
        var disk = await WrittenAsync("first");
        disk.Replace(WriteAheadLogTests.SegmentPath(3) + ".new", [1, 2, 3]);
        CollectionAssert.AreEqual(new[] { "first" }, LogHarness.TextsOn(disk));
        Assert.HasCount(1, disk.ListFiles(LogHarness.Folder));
    }

    [TestMethod]
    public void Recovery_makes_durable_what_it_serves()
    {
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder());
        var killed = disk.Kill();
        var flushed = false;
        killed.Fault = (operation, path) => flushed |= operation == "flush" && path == FirstSegment;

        using var reopened = LogHarness.Open(killed, new Recorder());

        Assert.IsTrue(flushed, "bytes that a killed process left in the kernel's memory are served after recovery");
    }

    private const int SegmentHeaderSize = 64;

    private static Task<SimulatedDisk> WrittenAsync(params string[] texts) => WrittenAsync(new LogOptions(), texts);

    // One group a text, and then a kill: no mark of an orderly stop.
    private static async Task<SimulatedDisk> WrittenAsync(LogOptions options, params string[] texts)
    {
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder(), options);
        foreach (var text in texts)
        {
            await log.WriteAsync(text);
        }

        return disk.Kill();
    }

    private static async Task AddStoppedAsync(SimulatedDisk disk, string text)
    {
        using var log = LogHarness.Open(disk, new Recorder());
        await log.WriteAsync(text);
    }

    private static List<int> RecordEnds(byte[] segment)
    {
        var ends = new List<int>();
        for (var at = SegmentHeaderSize; at < segment.Length;)
        {
            at += 24 + BinaryPrimitives.ReadInt32LittleEndian(segment.AsSpan(at + 4));
            ends.Add(at);
        }

        return ends;
    }

    private static byte[] Flip(byte[] bytes, int at, byte mask)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[at] ^= mask;
        return flipped;
    }

    private static (List<string>? Texts, string? Refusal) OpenFlipped(SimulatedDisk disk, string path, byte[] whole, int at, byte mask)
    {
        disk.Replace(path, Flip(whole, at, mask));
        try
        {
            return (LogHarness.TextsOn(disk), null);
        }
        catch (LogCorruptException e)
        {
            return (null, e.Message);
        }
    }

    private sealed class Rejecting : ILogFollower
    {
        public void Replay(RecordType type, ulong sequence, ReadOnlySpan<byte> payload)
        {
            if (sequence == 2)
            {
                throw new InvalidDataException("not understood");
            }
        }

        public void GroupApplied(ulong sequence)
        {
        }
    }
}
