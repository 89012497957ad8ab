using Sutra.Storage.Files;
using Sutra.Storage.Log;
using Sutra.Tests.Harness;
using Sutra.Tests.Storage.Files;

namespace Sutra.Tests.Storage.Log;

[TestClass]
public sealed class WriteAheadLogTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task A_record_is_prepared_then_written_then_flushed_then_applied_then_answered()
    {
        var events = new List<string>();
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder());
        disk.Fault = (operation, _) => events.Add(operation);
        var record = new TextRecord("one") { OnPrepare = () => events.Add("prepare"), OnApply = () => events.Add("apply") };

        await log.EnqueueAsync(record, CancellationToken.None);
        await record.Done.WaitAsync(Limit);
        events.Add("answer");

        CollectionAssert.AreEqual(new[] { "prepare", "write", "flush", "apply", "answer" }, events);
    }

    [TestMethod]
    public async Task Records_that_wait_while_one_flush_runs_share_the_next()
    {
        var disk = new SimulatedDisk();
        var recorder = new Recorder();
        using var log = LogHarness.Open(disk, recorder);
        using var gate = new ManualResetEventSlim();
        var first = new TextRecord("first") { OnPrepare = () => gate.Wait(Limit) };
        await log.EnqueueAsync(first, CancellationToken.None);
        await WaitUntilTakenAsync(first);
        var others = Enumerable.Range(0, 100).Select(i => new TextRecord($"record {i}")).ToList();
        foreach (var record in others)
        {
            await log.EnqueueAsync(record, CancellationToken.None);
        }

        var flushes = disk.Flushes;
        gate.Set();
        await Task.WhenAll(others.Select(record => record.Done)).WaitAsync(Limit);

        Assert.AreEqual(flushes + 2, disk.Flushes, "one flush for the first record, one for the hundred");
        CollectionAssert.AreEqual(new ulong[] { 1, 101 }, recorder.Applied);
    }

    [TestMethod]
    public async Task A_group_ends_at_its_byte_limit()
    {
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder(), new LogOptions { MaxBatchBytes = 1000 });
        using var gate = new ManualResetEventSlim();
        var first = new TextRecord("first") { OnPrepare = () => gate.Wait(Limit) };
        await log.EnqueueAsync(first, CancellationToken.None);
        await WaitUntilTakenAsync(first);
        var others = Enumerable.Range(0, 20).Select(_ => new TextRecord(new string('x', 476))).ToList();
        foreach (var record in others)
        {
            await log.EnqueueAsync(record, CancellationToken.None);
        }

        var flushes = disk.Flushes;
        gate.Set();
        await Task.WhenAll(others.Select(record => record.Done)).WaitAsync(Limit);

        Assert.AreEqual(flushes + 1 + 10, disk.Flushes, "two records of 500 bytes a group");
    }

    [TestMethod]
    public async Task A_full_queue_makes_its_writers_wait_and_cancelling_them_writes_nothing()
    {
        var disk = new SimulatedDisk();
        using var gate = new ManualResetEventSlim();
        var log = LogHarness.Open(disk, new Recorder(), new LogOptions { QueueLength = 4 });
        var first = new TextRecord("first") { OnPrepare = () => gate.Wait(Limit) };
        await log.EnqueueAsync(first, CancellationToken.None);
        await WaitUntilTakenAsync(first);
        for (var i = 0; i < 4; i++)
        {
            await log.EnqueueAsync(new TextRecord($"queued {i}"), CancellationToken.None);
        }

        using var cancellation = new CancellationTokenSource();
        var waiting = log.EnqueueAsync(new TextRecord("too many"), cancellation.Token).AsTask();
        Assert.IsFalse(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        gate.Set();
        log.Dispose();

        CollectionAssert.AreEqual(new[] { "first", "queued 0", "queued 1", "queued 2", "queued 3" }, LogHarness.TextsOn(disk));
    }

    [TestMethod]
    public async Task A_record_that_has_nothing_to_write_is_answered_after_those_before_it_and_leaves_no_bytes()
    {
        var disk = new SimulatedDisk();
        using var log = LogHarness.Open(disk, new Recorder());
        var before = log.Bytes;
        var record = new TextRecord("nothing") { Skip = true };
        await log.EnqueueAsync(record, CancellationToken.None);
        await record.Done.WaitAsync(Limit);

        Assert.AreEqual(before, log.Bytes);
        Assert.AreEqual(1UL, await log.WriteAsync("something"), "no sequence number was used up");
    }

    [TestMethod]
    public async Task What_was_written_is_replayed_in_order_and_byte_for_byte_across_segments_on_a_real_disk()
    {
        using var folder = new TemporaryFolder();
        var files = new DiskFileSystem();
        var path = folder.File("deep/down/log");
        var random = new Random(7);
        var written = new List<string>();
        for (var run = 0; run < 3; run++)
        {
            using var log = WriteAheadLog.Open(files, path, new Recorder(), new LogOptions { SegmentBytes = 8 * 1024 }, new Sutra.Storage.Telemetry.StorageTelemetry());
            for (var i = 0; i < 60; i++)
            {
                var text = $"{run}/{i}/" + new string((char)('a' + i % 26), random.Next(0, 2000));
                await log.WriteAsync(text);
                written.Add(text);
            }
        }

        var recorder = new Recorder();
        using var reopened = WriteAheadLog.Open(files, path, recorder, new LogOptions(), new Sutra.Storage.Telemetry.StorageTelemetry());

        CollectionAssert.AreEqual(written, recorder.Texts.ToList());
        CollectionAssert.AreEqual(Enumerable.Range(1, recorder.Replayed.Count).Select(n => (ulong)n).ToList(), recorder.Replayed.Select(record => record.Sequence).ToList());
        Assert.IsGreaterThan(10, reopened.Recovery.Segments);
        Assert.IsTrue(reopened.Recovery.CleanStop);
        Assert.AreEqual(Directory.GetFiles(path).Sum(file => new FileInfo(file).Length), reopened.Bytes);
    }

    [TestMethod]
    public async Task A_record_larger_than_a_segment_goes_into_one()
    {
        var disk = new SimulatedDisk();
        var text = new string('x', 100_000);
        using (var log = LogHarness.Open(disk, new Recorder(), new LogOptions { SegmentBytes = 4096, MaxBatchBytes = 1024 }))
        {
            await log.WriteAsync(text);
            await log.WriteAsync("after");
        }

        CollectionAssert.AreEqual(new[] { text, "after" }, LogHarness.TextsOn(disk));
    }

    [TestMethod]
    public async Task Stopping_writes_what_is_queued_and_refuses_the_rest()
    {
        var disk = new SimulatedDisk();
        var log = LogHarness.Open(disk, new Recorder());
        var records = Enumerable.Range(0, 500).Select(i => new TextRecord($"{i}")).ToList();
        foreach (var record in records)
        {
            await log.EnqueueAsync(record, CancellationToken.None);
        }

        log.Dispose();

        await Task.WhenAll(records.Select(record => record.Done)).WaitAsync(Limit);
        await Assert.ThrowsAsync<LogUnavailableException>(() => log.WriteAsync("late"));
        Assert.HasCount(500, LogHarness.TextsOn(disk));
    }

    [TestMethod]
    public void Starting_and_stopping_without_writing_adds_nothing_to_the_log()
    {
        var disk = new SimulatedDisk();
        LogHarness.Open(disk, new Recorder()).Dispose();
        var length = disk.Read(SegmentPath(1)).Length;
        for (var i = 0; i < 3; i++)
        {
            LogHarness.Open(disk, new Recorder()).Dispose();
        }

        Assert.AreEqual(length, disk.Read(SegmentPath(1)).Length);
    }

    internal static string SegmentPath(ulong first) => Path.Combine(LogHarness.Folder, $"{first:x16}.log");

    private static async Task WaitUntilTakenAsync(TextRecord record)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!record.Taken)
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
